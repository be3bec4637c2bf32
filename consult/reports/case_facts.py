"""What a case tells of each eye that the rules of lesions ask for: the best acuity."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from consult.cases.acuity import AcuityNotation, as_five_mark, parse_acuity
from consult.cases.model import Case
from consult.kernel.errors import RefusedError
from consult.kernel.eyes import Eye
from consult.reports.graded import Facts
from consult.reports.lesion_rules import LesionRules

_LOW_ACUITY: Final = "low_acuity"
_BEST: Final = frozenset({"corrected", "pinhole"})
# 6/12 is 0.5, the line 4.7 of the five-mark chart (GB/T 11533-2011).
_SIX_TWELFTHS: Final = Decimal("4.7")


def facts_of(case: Case, rules: LesionRules) -> Mapping[Eye, Facts]:
    """The facts of both eyes; an acuity that nobody took says nothing."""
    if _LOW_ACUITY not in rules.facts:
        return {}
    kind = case.answers.get("va_kind")
    return {
        eye: {_LOW_ACUITY: _is_low(case.answers.get(f"va_{eye}"), is_best=kind in _BEST)}
        for eye in Eye
    }


def _is_low(answer: object, *, is_best: bool) -> bool | None:
    """Whether the best acuity is 6/12 or worse; without glasses only a good one tells."""
    if not isinstance(answer, Mapping):
        return None
    try:
        acuity = parse_acuity(str(answer.get("notation")), str(answer.get("value")))
    except RefusedError:
        return None
    mark = None if acuity.notation is AcuityNotation.LOW_VISION else as_five_mark(acuity)
    if mark is not None and mark > _SIX_TWELFTHS:
        return False
    return True if is_best else None

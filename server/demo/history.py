"""The history of a case: what was asked and measured, and what was not."""

from consult.cases.acuity import Acuity, AcuityNotation, LowVision, parse_acuity
from consult.kernel.eyes import Eye
from consult.kernel.rules import RuleTable
from server.demo.case_model import HistoryPlan

_KEYS = (
    "diabetes", "years", "hba1c", "bp", "va_right", "va_left", "va_corrected", "iop_right",
    "iop_left", "drugs",
)  # fmt: skip
# The decimal chart ends at 2.0 and the five-mark chart begins at 4.0: one number, one notation.
_FIVE_MARK_FROM = "4.0"


def plan_history(case: RuleTable, *, reference_year: int) -> HistoryPlan:
    """The history in the table of a case."""
    table = case.table("history")
    table.only(*_KEYS)
    years = table.whole_or_none("years")
    return HistoryPlan(
        diabetes=table.text("diabetes"),
        diagnosed_year=None if years is None else reference_year - years,
        hba1c_percent=table.text_or_none("hba1c"),
        blood_pressure=table.text_or_none("bp"),
        acuity={eye: _acuity(table.text(f"va_{eye}")) for eye in Eye if table.has(f"va_{eye}")},
        acuity_corrected=table.flag_or_false("va_corrected"),
        iop_mmhg={eye: table.whole(f"iop_{eye}") for eye in Eye if table.has(f"iop_{eye}")},
        drugs=table.text_or_none("drugs"),
        red_flags=case.texts("red_flags"),
    )


def _acuity(text: str) -> Acuity:
    if text in LowVision.__members__:
        return parse_acuity(AcuityNotation.LOW_VISION, text)
    notation = AcuityNotation.FIVE_MARK if text >= _FIVE_MARK_FROM else AcuityNotation.DECIMAL
    return parse_acuity(notation, text)

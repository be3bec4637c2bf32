"""The history of a planned case as answers to the form of its service."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consult.cases.forms import Form
from consult.cases.model import Priority, ServiceType
from consult.cases.urgency import NO_RED_FLAG
from consult.kernel.eyes import Eye
from server.demo.case_model import CasePlan, HistoryPlan

_DIABETES: Final[Mapping[str, str]] = MappingProxyType({"none": "no", "unknown": "unknown"})
_TYPES: Final[Mapping[str, str]] = MappingProxyType({"type1": "type_1", "type2": "type_2"})
_PRESSING: Final = frozenset({Priority.EMERGENCY, Priority.URGENT})


def answers_of(case: CasePlan, form: Form, *, year: int) -> dict[str, object]:
    """Every answer that this form asks for and the plan knows."""
    told = {**_from_history(case.history, year=year), **_from_request(case, form)}
    known = {question.key for question in form.questions}
    return {key: value for key, value in told.items() if key in known and value is not None}


def _from_history(history: HistoryPlan, *, year: int) -> dict[str, object]:
    upper, _, lower = (history.blood_pressure or "").partition("/")
    since = history.diagnosed_year
    acuity = {f"va_{eye}": _acuity(history, eye) for eye in Eye}
    pressure = {f"iop_{eye}": _text(history.iop_mmhg.get(eye)) for eye in Eye}
    return {
        "diabetes": _DIABETES.get(history.diabetes, "yes"),
        "diabetes_type": _TYPES.get(history.diabetes),
        "diabetes_years": None if since is None else str(year - since),
        "hba1c": history.hba1c_percent,
        "systolic": upper or None,
        "diastolic": lower or None,
        "va_kind": _va_kind(history),
        "drugs": history.drugs,
        "red_flags": list(history.red_flags) or [NO_RED_FLAG],
        **acuity,
        **pressure,
    }


def _from_request(case: CasePlan, form: Form) -> dict[str, object]:
    presets = {question.key: question.preset for question in form.questions}
    reason = presets.get("reason")
    is_consultation = case.service is ServiceType.REMOTE_CONSULTATION
    return {
        "reason": None if reason is None else reason.zh,
        "purpose": case.question,
        "summary": case.summary,
        "timing": "same_day" if case.priority in _PRESSING else "as_promised",
        "invited_specialty": "fundus" if is_consultation else None,
        "invited_title": "any" if is_consultation else None,
    }


def _acuity(history: HistoryPlan, eye: Eye) -> object:
    known = history.acuity.get(eye)
    return "not_measured" if known is None else known.as_json()


def _va_kind(history: HistoryPlan) -> str | None:
    if not history.acuity:
        return None
    return "corrected" if history.acuity_corrected else "uncorrected"


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)

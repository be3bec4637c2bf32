"""Reasons and outcomes in words: never empty where they are due, never endless."""

from typing import Final

from consult.kernel.errors import FieldProblem, FormRefusedError, RefusedError
from consult.referrals.records import VisitOutcome

LONGEST_REASON: Final = 500
LONGEST_OUTCOME: Final = 2000


def require_reason(text: str) -> str:
    """A reason in words; raises RefusedError for none or an endless one."""
    reason = text.strip()
    if not reason:
        raise RefusedError("field-missing", field="reason")
    if len(reason) > LONGEST_REASON:
        raise RefusedError("field-too-long", field="reason", limit=LONGEST_REASON)
    return reason


def require_outcome(outcome: VisitOutcome) -> VisitOutcome:
    """What the visit showed: diagnosis and advice are due; raises FormRefusedError."""
    told = VisitOutcome(
        diagnosis=outcome.diagnosis.strip(),
        findings=outcome.findings.strip(),
        advice=outcome.advice.strip(),
    )
    problems = [
        FieldProblem(name, "field-missing")
        for name in ("diagnosis", "advice")
        if not getattr(told, name)
    ]
    problems += [
        FieldProblem(name, "field-too-long", {"limit": LONGEST_OUTCOME})
        for name in ("diagnosis", "findings", "advice")
        if len(getattr(told, name)) > LONGEST_OUTCOME
    ]
    if problems:
        raise FormRefusedError(problems)
    return told

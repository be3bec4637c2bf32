"""What the journal says about a case."""

from collections.abc import Mapping

from consult.access.model import ObjectType, Ref
from consult.cases.model import Case
from consult.kernel.errors import Fact
from consult.kernel.work import Entry


def case_ref(case_id: str) -> Ref:
    """The case as policy knows it."""
    return Ref(ObjectType.CASE, case_id)


def patient_ref(patient_id: str) -> Ref:
    """The patient as policy knows her."""
    return Ref(ObjectType.PATIENT, patient_id)


def case_entry(
    case: Case,
    kind: str,
    *,
    codes: Mapping[str, Fact] | None = None,
    words: Mapping[str, str] | None = None,
    reason: str | None = None,
) -> Entry:
    """An entry on the timeline of this case, with its status, owner and revision after the act."""
    facts: dict[str, Fact] = {
        "number": case.number,
        "status": case.status,
        "owner": case.owner_id,
        "revision": case.revision,
    }
    return Entry(
        kind,
        ObjectType.CASE,
        case.id,
        codes={**facts, **(codes or {})},
        words=words or {},
        reason=reason,
        case_id=case.id,
        patient_id=case.patient_id,
    )

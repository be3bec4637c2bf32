"""What the journal says of rooms: on the case's own line, by ids and codes alone."""

from collections.abc import Mapping

from consult.access.model import ObjectType
from consult.cases.model import Case
from consult.kernel.errors import Fact
from consult.kernel.work import Entry, Work


def journal_of(work: Work, case: Case, kind: str, room_id: str, **codes: Fact) -> None:
    """Write down what happened to a room of this case."""
    told: Mapping[str, Fact] = {"room": room_id, **codes}
    work.journal(
        Entry(
            kind, ObjectType.CASE, case.id, codes=told, case_id=case.id, patient_id=case.patient_id
        )
    )


def codes_of_guest(work: Work, person_id: str, institution_id: str) -> dict[str, str]:
    """A guest is no actor: her entries name her by the id that she has in the room."""
    if work.actor.practitioner_id == person_id:
        return {}
    return {"person": person_id, "institution": institution_id}

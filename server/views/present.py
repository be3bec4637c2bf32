"""Who sits at each side of a call, by name or function, as its people read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.rooms.present import service as present
from consult.rooms.present.model import LONGEST_NAME, InvitingRules, Present
from consult.rooms.records import CallRecord


@dataclass(frozen=True, slots=True)
class PresentLine:
    """One person beside a participant; `by` said so, `is_own`: the reader's own side did."""

    present: Present
    place: Institution
    by: PersonName | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class PresentPart:
    """In a call: who sits at each side now; only the inviting side has the patient with it."""

    lines: Sequence[PresentLine]
    has_patient: bool
    longest: int = LONGEST_NAME


def make_present(work: Work, case: Case) -> PresentPart:
    """Who sits at each side of the open call of a case; policy is the caller's to ask."""
    found = present.list_there(work, case)
    names = practitioners.names_of(work, {each.said_by for each in found})
    is_inviting = work.actor.institution_id == case.institution_id
    return PresentPart(lines_of(work, found, names), has_patient=is_inviting)


def physicians_of(
    work: Work, case: Case, calls: Sequence[CallRecord], rules: InvitingRules
) -> dict[str, list[str]]:
    """For each call, by its id, the physicians of the inviting side that have to be one at least.

    By their ids, of those who joined; their licence class is that of today.
    """
    inviting = organisations.get_institution(work, case.institution_id)
    joined = {
        call.room.id: [each.person_id for each in call.people if each.institution_id == inviting.id]
        for call in calls
    }
    everybody = {person for people in joined.values() for person in people}
    classes = practitioners.licence_classes_of(work, everybody)
    allowed = rules.allowed_at(inviting.tier)
    return {
        room_id: [person for person in people if classes.get(person) in allowed]
        for room_id, people in joined.items()
    }


def lines_of(
    work: Work, found: Sequence[Present], names: Mapping[str, PersonName]
) -> list[PresentLine]:
    """The same people with names."""
    return [
        PresentLine(
            present=each,
            place=organisations.get_institution(work, each.institution_id),
            by=names.get(each.said_by),
            is_own=each.institution_id == work.actor.institution_id,
        )
        for each in found
    ]

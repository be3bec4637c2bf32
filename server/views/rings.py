"""How a call rings, as JSON: for whoever called, and for whoever is rung."""

from typing import Any

from pydantic import BaseModel

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.rooms.ringing import service as ringing
from consult.rooms.ringing.model import RingRules, Round, outcome_of


class RungAnswer(BaseModel):
    """One person in the round; `is_heard`: a page of hers rang."""

    person_id: str
    state: str
    is_heard: bool


class RingAnswer(BaseModel):
    """How the newest round of a call stands."""

    outcome: str
    people: list[RungAnswer]


class OwnRingAnswer(BaseModel):
    """A call that rings for the reader: of which case, who calls, and until when."""

    case_id: str
    room_id: str
    caller: str
    caller_en: str
    institution: str
    institution_en: str
    rings_until: str


class OwnRingsAnswer(BaseModel):
    """The calls that ring for the reader now."""

    rings: list[OwnRingAnswer]


def ring_as_json(rings: Round) -> RingAnswer:
    """One round."""
    people = [
        RungAnswer(
            person_id=each.person_id,
            state=each.state.value,
            is_heard=each.heard_at is not None,
        )
        for each in rings
    ]
    return RingAnswer(outcome=outcome_of(rings).value, people=people)


def own_rings_as_json(work: Work, *, rules: RingRules) -> dict[str, Any]:
    """What rings for the reader now, without a word about a patient."""
    found = ringing.list_own(work)
    names = practitioners.names_of(work, {each.caller_id for each in found})
    told = []
    for each in found:
        who, place = names[each.caller_id], each.institution_id
        institution = organisations.get_institution(work, place)
        told.append(
            OwnRingAnswer(
                case_id=each.case_id,
                room_id=each.room_id,
                caller=who.name,
                caller_en=who.name_en,
                institution=institution.name,
                institution_en=institution.name_en,
                rings_until=(each.rung_at + rules.rings_for).isoformat(),
            )
        )
    return OwnRingsAnswer(rings=told).model_dump()

"""Calling with a ring: it goes from one to the next until somebody answers."""

from typing import Final

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.rooms import service as rooms
from consult.rooms import store as room_store
from consult.rooms.errors import NotRungError, RingsSpentError, RingTakenError
from consult.rooms.journalling import journal_of
from consult.rooms.model import Knock, KnockState, NewRoom, Room
from consult.rooms.rights import Talks, require_host, require_open, require_talking
from consult.rooms.ringing import store
from consult.rooms.ringing.keeping import keep_moved
from consult.rooms.ringing.model import (
    OwnRing,
    Ring,
    RingAnswer,
    RingOutcome,
    RingRules,
    Round,
    Rung,
    answer,
    begin,
    hear,
    may_answer,
    outcome_of,
    tick,
)
from consult.rooms.ringing.order import list_to_ring

_AT_ONCE: Final = 200


def call_and_ring(
    work: Work,
    *,
    case_id: str,
    made: NewRoom,
    rules: RingRules,
    talks: Talks,
) -> Room:
    """Call on a case and ring the other side in order; raises as `rooms.open_room`."""
    room = rooms.open_room(work, case_id=case_id, made=made, talks=talks)
    if room.id == made.id:
        case = cases.get_case(work, case_id)
        _ring(work, case, room, list_to_ring(work, case, rules=rules, talks=talks), number=1)
    return room


def ring_again(work: Work, *, case_id: str, rules: RingRules, talks: Talks) -> None:
    """Ring anew once nobody has answered, by the host; while it rings nothing is done.

    Raises NotHostError, RingsSpentError.
    """
    case = require_talking(work, case_id, talks=talks)
    row = require_host(work, case)
    room = room_store.room_of(row)
    if outcome_of(store.list_round(work.session, room.id)) is RingOutcome.RINGING:
        return
    done = store.newest_round(work.session, room.id)
    if done >= rules.most_rounds:
        raise RingsSpentError(case.id)
    people = list_to_ring(work, case, rules=rules, talks=talks, is_first=False)
    _ring(work, case, room, people, number=done + 1)


def answer_ring(work: Work, *, case_id: str, said: RingAnswer, talks: Talks) -> None:
    """What somebody says who is rung; whoever takes the call is let in, as the call asked for her.

    Raises NotRungError, also for whom the host has turned away and who may only knock (0270), and
    RingTakenError where another one was first.
    """
    case = require_talking(work, case_id, talks=talks)
    room = room_store.room_of(require_open(work, case, locked=True))
    before = store.list_round(work.session, room.id)
    person = work.actor.person
    if said is RingAnswer.ACCEPT and room_store.is_turned_away(work.session, room.id, person):
        raise NotRungError(case.id)
    after = answer(before, person, said, now=work.now)
    if after == before:
        _refuse(case, before, person)
    keep_moved(work, case, room.id, before=before, after=after)
    if said is RingAnswer.ACCEPT:
        knock = Knock(person, work.actor.institution, KnockState.ADMITTED, work.now)
        room_store.save_knock(work.session, room.id, knock)
        journal_of(work, case, "room.admitted", room.id, person=person)


def hear_ring(work: Work, *, case_id: str, talks: Talks) -> bool:
    """A page of the actor's rings, so that the caller sees that she can be reached."""
    case = require_talking(work, case_id, talks=talks)
    room = room_store.room_of(require_open(work, case, locked=True))
    before = store.list_round(work.session, room.id)
    after = hear(before, work.actor.person, now=work.now)
    keep_moved(work, case, room.id, before=before, after=after)
    return after != before


def list_own(work: Work) -> list[OwnRing]:
    """The calls that ring for the actor now."""
    return store.list_own(work.session, work.actor.person)


def advance(work: Work, *, rules: RingRules) -> int:
    """Ring the next where somebody did not answer in time; in how many rooms (system)."""
    due = store.list_due(work.session, before=work.now - rules.rings_for, limit=_AT_ONCE)
    for room_id, case_id in due:
        case = cases.get_case(work, case_id)
        if room_store.find_open(work.session, case.id, locked=True) is not None:
            before = store.list_round(work.session, room_id)
            after = tick(before, now=work.now, rules=rules)
            keep_moved(work, case, room_id, before=before, after=after)
    return len(due)


def _ring(work: Work, case: Case, room: Room, people: list[Rung], *, number: int) -> None:
    before = [
        Ring(new_id(), number, place, each.person_id, each.institution_id)
        for place, each in enumerate(people, start=1)
    ]
    if not before:
        journal_of(work, case, "room.ring_over", room.id)
        return
    store.save_round(work.session, room.id, before)
    keep_moved(work, case, room.id, before=before, after=begin(before, now=work.now))


def _refuse(case: Case, rings: Round, person: str) -> None:
    is_taken = outcome_of(rings) is RingOutcome.ANSWERED
    if is_taken and any(each.person_id == person for each in rings):
        raise RingTakenError(case.id)
    if not may_answer(rings, person):
        raise NotRungError(case.id)

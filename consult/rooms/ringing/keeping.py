"""A round that has moved is written down, person by person, and the journal told of each."""

from typing import Final

from consult.cases.model import Case
from consult.kernel.work import Work
from consult.rooms.journalling import journal_of
from consult.rooms.ringing import store
from consult.rooms.ringing.model import (
    Ring,
    RingOutcome,
    RingState,
    Round,
    came_in,
    outcome_of,
    stop,
)

_KINDS: Final = {
    RingState.RINGING: "room.rang",
    RingState.ANSWERED: "room.ring_answered",
    RingState.LATER: "room.ring_later",
    RingState.DECLINED: "room.ring_declined",
    RingState.UNANSWERED: "room.ring_unanswered",
    RingState.STOPPED: "room.ring_stopped",
}


def keep_moved(work: Work, case: Case, room_id: str, *, before: Round, after: Round) -> None:
    """Write what is different between two standings of one round."""
    old = {each.id: each for each in before}
    for ring in after:
        if ring != old[ring.id]:
            store.save_ring(work.session, ring)
            _tell(work, case, room_id, was=old[ring.id], ring=ring)
    if outcome_of(after) is RingOutcome.NOBODY and outcome_of(before) is not RingOutcome.NOBODY:
        journal_of(work, case, "room.ring_over", room_id)


def keep_stopped(work: Work, case: Case, room_id: str) -> None:
    """Nobody is rung for this room any more."""
    before = store.list_round(work.session, room_id)
    keep_moved(work, case, room_id, before=before, after=stop(before, now=work.now))


def keep_came_in(work: Work, case: Case, room_id: str, *, person_id: str) -> None:
    """Somebody was let in: where the call rang for her, it rings for nobody else."""
    before = store.list_round(work.session, room_id)
    after = came_in(before, person_id, now=work.now)
    keep_moved(work, case, room_id, before=before, after=after)


def _tell(work: Work, case: Case, room_id: str, *, was: Ring, ring: Ring) -> None:
    """One entry: whoever waited and was never rung is told of by nobody."""
    if ring.state is was.state:
        journal_of(work, case, "room.ring_heard", room_id, person=ring.person_id)
    elif (was.state, ring.state) != (RingState.WAITING, RingState.STOPPED):
        journal_of(work, case, _KINDS[ring.state], room_id, person=ring.person_id)

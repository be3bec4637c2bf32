"""How turns to speak move in the record; whoever calls holds the room's own lock."""

from consult.cases.model import Case
from consult.journal.rows import kept
from consult.kernel.ids import InstitutionId, new_id
from consult.kernel.work import Work
from consult.rooms.journalling import journal_of
from consult.rooms.turns import store
from consult.rooms.turns.errors import TurnsFullError
from consult.rooms.turns.model import Turn, TurnEnd, in_order
from consult.rooms.turns.tables import TurnRow


def find_turn(work: Work, room_id: str, person_id: str) -> Turn | None:
    """The turn of this person that lasts."""
    lasting = in_order(store.list_turns(work.session, room_id))
    return next((each for each in lasting if each.person_id == person_id), None)


def keep_raised(
    work: Work, case: Case, room_id: str, *, person_id: str, institution_id: InstitutionId
) -> None:
    """Write that a hand was raised, unless it is; raises TurnsFullError."""
    if find_turn(work, room_id, person_id) is not None:
        return
    row = TurnRow(
        id=new_id(),
        room_id=room_id,
        person_id=person_id,
        institution_id=institution_id,
        raised_at=work.now,
    )
    if not store.save_turn(work.session, row):
        raise TurnsFullError(case.id)
    _tell(work, case, "room.hand_raised", room_id, row.id, person_id)


def keep_given(work: Work, case: Case, turn: Turn) -> None:
    """Write that somebody has the word, who had it before no more; nothing where she has it."""
    if turn.is_speaking:
        return
    for each in in_order(store.list_turns(work.session, turn.room_id)):
        if each.is_speaking:
            keep_ended(work, case, each, how=TurnEnd.PASSED_ON)
    store.give(work.session, turn.id, at=work.now)
    _tell(work, case, "room.word_given", turn.room_id, turn.id, turn.person_id)


def keep_ended(work: Work, case: Case, turn: Turn, *, how: TurnEnd) -> None:
    """Write how a turn ended that lasts."""
    store.end(work.session, turn.id, how=how, at=work.now)
    kind = "room.word_ended" if turn.is_speaking else "room.hand_lowered"
    _tell(work, case, kind, turn.room_id, turn.id, turn.person_id, how=how.value)


def keep_put_out(work: Work, case: Case, room_id: str, person_id: str) -> None:
    """Whoever may not be in the room any more neither waits nor speaks."""
    turn = find_turn(work, room_id, person_id)
    if turn is not None:
        keep_ended(work, case, turn, how=TurnEnd.ABSENT)


def keep_room_ended(work: Work, case: Case, room_id: str) -> None:
    """With a room every turn in it is over."""
    for turn in in_order(store.list_turns(work.session, room_id)):
        keep_ended(work, case, turn, how=TurnEnd.ENDED)


def _tell(
    work: Work, case: Case, kind: str, room_id: str, turn_id: str, person_id: str, **codes: str
) -> None:
    likeness = kept(work, TurnRow, turn_id)
    journal_of(work, case, kind, room_id, turn=turn_id, person=person_id, **codes, **likeness)

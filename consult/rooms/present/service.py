"""Saying in a call who sits beside oneself, and that somebody has gone."""

from consult.cases import service as cases
from consult.cases.model import Case
from consult.journal.rows import kept
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.rooms import store as rooms_store
from consult.rooms.journalling import journal_of
from consult.rooms.model import Room
from consult.rooms.present import store
from consult.rooms.present.errors import PresentFullError
from consult.rooms.present.model import MOST_PRESENT, NewPresent, Present, PresentAs
from consult.rooms.present.tables import PresentRow
from consult.rooms.rights import Talks, require_open, require_place


def say_present(work: Work, *, case_id: str, new: NewPresent, talks: Talks) -> str:
    """Write down who sits beside the actor, who is in the call; the id of the line.

    Raises RefusedError, PresentFullError, and as `require_place`.
    """
    case, room = _require_there(work, case_id, talks=talks)
    before = store.list_present(work.session, room.id)
    _check(work, case, new, before)
    if len(before) >= MOST_PRESENT:
        raise PresentFullError(case.id)
    row = PresentRow(
        id=new_id(),
        room_id=room.id,
        said_by=work.actor.person,
        institution_id=work.actor.institution,
        who=new.who,
        name=new.name,
        identity=new.identity,
        said_at=work.now,
    )
    store.save_present(work.session, row)
    how = {} if new.identity is None else {"identity": new.identity.value}
    told = {"present": row.id, "who": new.who.value, **how, **kept(work, PresentRow, row.id)}
    journal_of(work, case, "room.present_said", room.id, **told)
    return row.id


def say_gone(work: Work, *, case_id: str, present_id: str, talks: Talks) -> bool:
    """Write that somebody of the actor's side has gone, or was never there; False if that is known.

    Raises NotFoundError, and as `require_place`.
    """
    case, room = _require_there(work, case_id, talks=talks)
    known = {each.id: each for each in store.list_present(work.session, room.id)}
    found = known.get(present_id)
    if found is None or found.institution_id != work.actor.institution_id:
        raise NotFoundError
    if not store.save_gone(work.session, found.id, at=work.now):
        return False
    told = {"present": found.id, **kept(work, PresentRow, found.id)}
    journal_of(work, case, "room.present_gone", room.id, **told)
    return True


def list_there(work: Work, case: Case) -> list[Present]:
    """Who sits at each side of the open room of a case now; policy is the caller's to ask."""
    row = rooms_store.find_open(work.session, case.id)
    found = [] if row is None else store.list_present(work.session, row.id)
    return [each for each in found if each.gone_at is None]


def _require_there(work: Work, case_id: str, *, talks: Talks) -> tuple[Case, Room]:
    """The case and its open room, which nobody else moves before the unit ends."""
    room = require_place(work, case_id, talks=talks).room
    case = cases.get_case(work, case_id)
    require_open(work, case, locked=True)
    return case, room


def _check(work: Work, case: Case, new: NewPresent, before: list[Present]) -> None:
    """The patient sits where she is known, once, and somebody says how; others have a name."""
    if new.who is not PresentAs.PATIENT:
        if not new.name:
            raise RefusedError("field-missing", field="name")
        if new.identity is not None:
            raise RefusedError("field-not-a-choice", field="identity")
        return
    if work.actor.institution_id != case.institution_id:
        raise RefusedError("present-patient-elsewhere", field="who")
    if new.identity is None:
        raise RefusedError("field-missing", field="identity")
    if any(each.who is PresentAs.PATIENT and each.gone_at is None for each in before):
        raise RefusedError("present-patient-twice", field="who")

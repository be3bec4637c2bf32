"""What becomes of a recording by itself: planned, begun, failed, ended (system)."""

from typing import Final

from consult.cases import service as cases
from consult.kernel.work import Work
from consult.rooms.recordings import store
from consult.rooms.recordings.model import Plan, RecordingEnd, end_of
from consult.rooms.recordings.planning import journal_recording, make_plan

_AT_ONCE: Final = 200
_LONGEST_CODE: Final = 40


def list_live_rooms(work: Work) -> list[str]:
    """The rooms whose recording has not ended (system)."""
    return store.list_live_rooms(work.session, limit=_AT_ONCE)


def find_plan(work: Work, *, room_id: str) -> Plan | None:
    """What shall happen to the recording of a room now; None where there is none (system).

    The key is in it: it was kept before anybody is asked to record with it.
    """
    live = store.find_live(work.session, room_id)
    return None if live is None else make_plan(work, live, with_key=True)


def note_began(work: Work, *, recording_id: str, agreed: tuple[str, ...]) -> None:
    """The media process records (system)."""
    if store.note_began(work.session, recording_id, at=work.now):
        row = store.find_recording(work.session, recording_id)
        if row is not None:
            case = cases.get_case(work, row.case_id)
            journal_recording(
                work, case, "began", row.room_id, recording=row.id, agreed=" ".join(agreed)
            )


def note_failed(work: Work, *, recording_id: str, code: str) -> None:
    """The media process records no more, of itself, or does not begin (system)."""
    store.save_step(work.session, recording_id, why=RecordingEnd.FAILED, code=code[:_LONGEST_CODE])


def note_ended(work: Work, *, recording_id: str) -> None:
    """Nothing is recorded any more; nothing where that was known (system)."""
    row = store.find_recording(work.session, recording_id)
    if row is None or row.ended_at is not None:
        return
    before = store.recording_of(row)
    why = end_of(before, is_open=store.is_room_open(work.session, row.room_id))
    store.save_step(work.session, recording_id, why=why, live_room_id=None, ended_at=work.now)
    kind = "ended" if before.began_at is not None else "not_begun"
    case = cases.get_case(work, row.case_id)
    codes = {"code": before.code} if before.code else {}
    journal_recording(work, case, kind, row.room_id, recording=row.id, how=why.value, **codes)

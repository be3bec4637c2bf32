"""What shall happen to a recording now, its key where it is recorded, and the journal's line."""

from dataclasses import replace

from consult.cases.model import Case
from consult.kernel.errors import Fact
from consult.kernel.work import Work
from consult.rooms.journalling import journal_of
from consult.rooms.recordings import store
from consult.rooms.recordings.model import Plan, Wish, plan_of
from consult.rooms.recordings.tables import RecordingRow


def make_plan(work: Work, row: RecordingRow, *, with_key: bool = False) -> Plan:
    """From the rows: whether the call goes on, who is in it, and what each said."""
    session = work.session
    found = plan_of(
        store.recording_of(row),
        is_held=row.held_until is not None and row.held_until > work.now,
        is_open=store.is_room_open(session, row.room_id),
        present=store.list_present(session, row.room_id),
        answers=store.list_answers(session, row.room_id),
    )
    if with_key and found.wish is Wish.RECORD:
        return replace(found, key=open_key(work, row.id, row.key))
    return found


def seal_key(work: Work, recording_id: str, key: bytes) -> bytes:
    """A recording's key as its row keeps it."""
    return work.vault.seal_bytes(key, purpose=_purpose(recording_id))


def open_key(work: Work, recording_id: str, sealed: bytes) -> bytes:
    """What opens the parts of a recording; raises SealBrokenError where its row was changed."""
    return work.vault.open_bytes(sealed, purpose=_purpose(recording_id))


def journal_recording(work: Work, case: Case, word: str, room_id: str, **codes: Fact) -> None:
    """Write down what happened to a recording of this case."""
    journal_of(work, case, f"room.recording_{word}", room_id, **codes)


def _purpose(recording_id: str) -> str:
    return f"recording key:{recording_id}"

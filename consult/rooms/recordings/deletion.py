"""A recording whose period is over is told of and deleted later, by the clock, unless it is held.

It is told before it goes, so that somebody can hold it back, and so that a clock that is set wrong
deletes nothing at once (F14).
"""

from datetime import date, timedelta

from consult.cases import service as cases
from consult.cases.model import Case, is_open
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.rooms.recordings import deletion_store, holds
from consult.rooms.recordings.model import Recording
from consult.rooms.recordings.period import KeepingRule
from consult.rooms.recordings.planning import journal_recording
from consult.rooms.recordings.store import recording_of
from consult.rooms.recordings.tables import RecordingRow
from consult.studies.conflicts import drop_blobs
from consult.studies.quotas import service as quotas

_AT_ONCE = 100
_A_YEAR = timedelta(days=365)


def list_old(work: Work, *, rule: KeepingRule, after: str = "") -> list[str]:
    """Recordings that are about to go, by their own age; the next few behind an id (system)."""
    before = work.now - rule.years * _A_YEAR + timedelta(days=rule.told_days + 1)
    return deletion_store.list_old(work.session, before=before, after=after, limit=_AT_ONCE)


def end_kept(work: Work, *, recording_id: str, rule: KeepingRule) -> None:
    """Tell that a recording goes, or delete it, if it is time and nobody holds it (system)."""
    row = deletion_store.find_kept(work.session, recording_id)
    if row is None:
        return
    case = cases.get_case(work, row.case_id)
    until = kept_until(work, case, recording_of(row), rule=rule)
    today = organisations.today_at(work, case.institution_id)
    if until is None or today < rule.told_on(until) or holds.list_holds(work, case):
        row.ends_told_at = None  # whatever was told does not hold any more
    elif row.ends_told_at is None:
        row.ends_told_at = work.now
        journal_recording(work, case, "goes", row.room_id, recording=row.id, until=str(until))
    elif today >= until and row.ends_told_at + timedelta(days=rule.told_days) <= work.now:
        _delete(work, case, row, until, rule)


def kept_until(work: Work, case: Case, recording: Recording, *, rule: KeepingRule) -> date | None:
    """The first day on which it need not be kept; None while its case or itself goes on.

    It counts from the day on which the case was closed, or the recording ended, if that was later.
    """
    if is_open(case.status) or recording.ended_at is None:
        return None
    last_at = max(recording.ended_at, case.closed_at or recording.ended_at)
    return rule.until(organisations.get_institution(work, case.institution_id).local_day(last_at))


def _delete(work: Work, case: Case, row: RecordingRow, until: date, rule: KeepingRule) -> None:
    """Its tracks, their bytes and its key go; what was recorded when stays, with its hashes."""
    tracks = deletion_store.delete_tracks(work.session, row.id)
    row.key, row.deleted_at = b"", work.now
    size_bytes = sum(each.size_bytes for each in tracks)
    quotas.count(work, case.institution_id, size_bytes=-size_bytes)
    drop_blobs(work, [each.key for each in tracks])
    journal_recording(
        work,
        case,
        "deleted",
        row.room_id,
        recording=row.id,
        rule=f"{rule.code} {rule.version}",
        years=rule.years,
        until=str(until),
        tracks=len(tracks),
        size_bytes=size_bytes,
    )

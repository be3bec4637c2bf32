"""Passes over everything that is stored: begun when due, resumed where they stood, written down."""

from collections.abc import Collection, Sequence

from consult.kernel.work import Entry, Work
from consult.reports.papers import audit as papers
from consult.reports.papers import service as paper_service
from consult.rooms.recordings import audit as recorded
from consult.rooms.recordings import kept as recordings
from consult.storage import store
from consult.storage.model import (
    Checked,
    FaultKind,
    Named,
    Pass,
    PassName,
    StorageFault,
    StorageRules,
)
from consult.studies import audit as studies
from consult.studies import service as study_service

MOST_LISTED = 100
_STORAGE = "storage"


def get_pass(work: Work, name: PassName, *, rules: StorageRules) -> Pass:
    """Where a pass stands; in a house that has not begun, when it will."""
    found = store.find_pass(work.session, name)
    if found is not None:
        return found
    due_at = work.now + rules.first_after(name)
    return Pass(name, due_at, False, None, "", 0, 0, 0, None, None, 0, 0, 0)  # noqa: FBT003 - nobody asked


def begin_due(work: Work, *, name: PassName, rules: StorageRules) -> Pass | None:
    """The pass that is under way, or begins now; None while none is due."""
    found = store.find_pass(work.session, name)
    if found is None:
        store.make_pass(work.session, name, due_at=work.now + rules.first_after(name))
        found = store.find_pass(work.session, name)
    if found is None or (found.begun_at is None and found.due_at > work.now):
        return None
    if found.begun_at is None:
        store.save_pass(
            work.session,
            name,
            begun_at=work.now,
            position="",
            checked=0,
            checked_bytes=0,
            found=0,
        )
    return store.find_pass(work.session, name)


def ask_pass(work: Work, *, name: PassName) -> None:
    """Somebody wants everything to be looked at now: one that is under way begins anew."""
    if store.find_pass(work.session, name) is None:
        store.make_pass(work.session, name, due_at=work.now)
    store.save_pass(work.session, name, due_at=work.now, is_asked=True, begun_at=None)
    work.journal(Entry("storage.asked", _STORAGE, name.value))


def list_next(work: Work, *, position: str, limit: int) -> list[Named]:
    """What rows name behind this key, in the order of keys, whatever kind of row it is."""
    found = [
        Named(blob, kind, object_id, part)
        for blob, kind, object_id, part in (
            *studies.blobs_after(work.session, position, limit=limit),
            *papers.papers_after(work.session, position, limit=limit),
            *recorded.tracks_after(work.session, position, limit=limit),
        )
    ]
    return sorted(found, key=lambda named: named.blob.key)[:limit]


def note_checked(work: Work, *, checked: Sequence[Checked], read_bytes: int) -> int:
    """Keep how far the scrub has come, and what it met; how many faults stand there.

    What was removed while it was read is no fault.
    """
    bad = [each for each in checked if each.kind is not None]
    gone = unnamed_keys(work, {each.named.blob.key for each in bad})
    standing = [each for each in bad if each.named.blob.key not in gone]
    for each in standing:
        if each.kind is not None and store.save_fault(work.session, each, each.kind, now=work.now):
            _journal(work, each.named, each.kind)
    whole = {each.named.blob.key for each in checked if each.kind is None}
    for fault in store.delete_faults(work.session, whole | gone):
        if fault.key in whole:
            _journal_whole(work, fault)
    before = store.find_pass(work.session, PassName.SCRUB)
    if before is not None and checked:
        store.save_pass(
            work.session,
            PassName.SCRUB,
            position=checked[-1].named.blob.key,
            checked=before.checked + len(checked),
            checked_bytes=before.checked_bytes + read_bytes,
            found=before.found + len(standing),
        )
    return len(standing)


def end_scrub(work: Work, *, rules: StorageRules) -> None:
    """Everything was read; what was found and is named no more is forgotten."""
    _forget_gone(work)
    _end(work, PassName.SCRUB, rules=rules, removed=0)


def note_moved(work: Work, *, position: str, looked_at: int, moved: int) -> None:
    """Keep how far the moving has come."""
    before = store.find_pass(work.session, PassName.COOLING)
    if before is not None:
        store.save_pass(
            work.session,
            PassName.COOLING,
            position=position,
            checked=before.checked + looked_at,
            found=before.found + moved,
        )


def end_cooling(work: Work, *, rules: StorageRules) -> None:
    """Everything was looked at, and what is old was moved."""
    _end(work, PassName.COOLING, rules=rules, removed=0)


def unnamed_keys(work: Work, keys: Collection[str]) -> frozenset[str]:
    """Which of these no row names: no image, file that collides, PDF, or recording."""
    unnamed = study_service.unnamed_keys(work, keys)
    unnamed -= paper_service.named_keys(work, unnamed)
    return unnamed - recordings.named_keys(work, unnamed)


def end_sweep(
    work: Work, *, rules: StorageRules, listed: int, orphans: int, removed: int, removed_bytes: int
) -> None:
    """Everything that lies in the store was held against the rows."""
    store.save_pass(work.session, PassName.SWEEP, checked=listed, found=orphans)
    codes = {"listed": listed, "orphans": orphans, "removed": removed, "bytes": removed_bytes}
    if orphans:
        kind = "storage.orphans_removed" if removed else "storage.orphans_left"
        work.journal(Entry(kind, _STORAGE, PassName.SWEEP.value, codes=codes))
    _end(work, PassName.SWEEP, rules=rules, removed=removed)


def list_faults(work: Work) -> Sequence[StorageFault]:
    """What is not whole, the longest known first."""
    return store.list_faults(work.session, limit=MOST_LISTED)


def count_faults(work: Work) -> int:
    """How much is not whole."""
    return store.count_faults(work.session)


def _forget_gone(work: Work) -> None:
    after = "!"
    while found := store.list_faults(work.session, limit=MOST_LISTED, after=after):
        after = found[-1].key
        gone = unnamed_keys(work, {fault.key for fault in found})
        store.delete_faults(work.session, gone)


def _end(work: Work, name: PassName, *, rules: StorageRules, removed: int) -> None:
    found = store.find_pass(work.session, name)
    if found is None or found.begun_at is None:
        return
    store.save_pass(
        work.session,
        name,
        begun_at=None,
        is_asked=False,
        due_at=max(work.now, found.begun_at + rules.every(name)),
        position="",
        last_begun_at=found.begun_at,
        last_ended_at=work.now,
        last_checked=found.checked,
        last_found=found.found,
        last_removed=removed,
    )
    codes = {"checked": found.checked, "bytes": found.checked_bytes, "found": found.found}
    work.journal(Entry("storage.passed", _STORAGE, name.value, codes=codes))


def _journal(work: Work, named: Named, kind: FaultKind) -> None:
    codes = {"part": named.part, "key": named.blob.key, "kind": kind.value}
    work.journal(Entry("storage.fault", named.object_type, named.object_id, codes=codes))


def _journal_whole(work: Work, fault: StorageFault) -> None:
    codes = {"part": fault.part, "key": fault.key, "kind": fault.kind.value}
    work.journal(Entry("storage.whole_again", fault.object_type, fault.object_id, codes=codes))

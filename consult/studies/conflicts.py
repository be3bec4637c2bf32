"""Files that name a stored object but hold other bytes: kept apart until a person decides."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from consult.blobs.names import parse_key
from consult.jobs import service as jobs
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work
from consult.studies import conflict_store as store
from consult.studies.errors import ConflictSettledError
from consult.studies.model import Instance, Part, Received
from consult.studies.quotas import service as quotas
from consult.studies.tables import ConflictRow

MOST_LISTED = 50


_NO_CASE = ""
"""The case of a file that came without one; it belongs to the institution of the instance."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One file that waits for a person, and the instance that it collides with."""

    id: str
    case_id: str
    instance_id: str
    source_sha256: str
    found_at: datetime


def keep_conflict(
    work: Work, received: Received, *, instance: Instance, case_id: str | None
) -> str:
    """Keep the second object beside the first; the same file again is the same conflict.

    Raises QuotaFullError.
    """
    known = store.find_same(
        work.session,
        case_id=case_id or _NO_CASE,
        instance_id=instance.id,
        sha256=received.source_sha256,
    )
    if known is not None:
        drop_blobs(work, [blob.key for blob in received.blobs.values()])
        return known
    quotas.charge(
        work,
        instance.institution_id,
        size_bytes=received.blobs[Part.ORIGINAL].size_bytes,
        instances=0,
    )
    small = [blob.key for part, blob in received.blobs.items() if part is not Part.ORIGINAL]
    drop_blobs(work, small)
    blob = received.blobs[Part.ORIGINAL]
    row = ConflictRow(
        id=new_id(),
        case_id=case_id or _NO_CASE,
        instance_id=instance.id,
        source_sha256=received.source_sha256,
        key=blob.key,
        size_bytes=blob.size_bytes,
        sha256=blob.sha256,
        wrapped_key=blob.wrapped_key,
        found_at=work.now,
    )
    store.save_conflict(work.session, row)
    codes = {"first": instance.source_sha256, "second": row.source_sha256}
    work.journal(Entry("image.conflict", "instance", instance.id, codes=codes, case_id=case_id))
    return row.id


def list_open_conflicts(work: Work, case_ids: Collection[str]) -> list[Conflict]:
    """What still waits for a person in these cases, the oldest first."""
    rows = store.list_open(work.session, case_ids, limit=MOST_LISTED)
    return [_as_conflict(row) for row in rows]


def list_received_conflicts(work: Work) -> list[Conflict]:
    """What came to the actor's institution without a case and waits for a person."""
    rows = store.list_received(
        work.session, institution_id=work.actor.institution, case_id=_NO_CASE, limit=MOST_LISTED
    )
    return [_as_conflict(row) for row in rows]


def settle_conflict(work: Work, *, conflict_id: str, case_id: str, reason: str) -> None:
    """A person keeps the stored object; the second file goes, and both hashes stay written.

    Raises ConflictSettledError when somebody was first.
    """
    row = store.find_conflict(work.session, conflict_id)
    if row is None or row.case_id != case_id:
        raise NotFoundError
    if not store.save_settled(
        work.session, conflict_id, at=work.now, by=work.actor.practitioner_id, reason=reason
    ):
        raise ConflictSettledError
    _let_go(work, row.key, row.size_bytes)
    work.journal(
        Entry(
            "image.conflict_settled",
            "instance",
            row.instance_id,
            codes={"kept": "first", "second": row.source_sha256},
            words={"reason": reason},
            case_id=case_id or None,
        )
    )


def settle_received(work: Work, *, conflict_id: str, reason: str) -> None:
    """The same for a file that came to the actor's institution without a case."""
    if conflict_id not in {each.id for each in list_received_conflicts(work)}:
        raise NotFoundError
    settle_conflict(work, conflict_id=conflict_id, case_id=_NO_CASE, reason=reason)


def drop_conflicts(work: Work, instance_id: str) -> None:
    """The instance goes, so nothing collides any more; the second file may be sent again."""
    for key, size_bytes, case_id in store.delete_open(work.session, instance_id):
        _let_go(work, key, size_bytes)
        work.journal(
            Entry("image.conflict_dropped", "instance", instance_id, case_id=case_id or None)
        )


def drop_blobs(work: Work, keys: Iterable[str]) -> None:
    """Have bytes removed that no row names any more, after the commit."""
    for key in keys:
        jobs.queue_job(work, "drop_blob", {"key": key})


def _let_go(work: Work, key: str, size_bytes: int) -> None:
    quotas.count(work, parse_key(key)[0], size_bytes=-size_bytes)
    drop_blobs(work, [key])


def _as_conflict(row: ConflictRow) -> Conflict:
    return Conflict(row.id, row.case_id, row.instance_id, row.source_sha256, row.found_at)

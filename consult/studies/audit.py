"""Every stored image as the rows tell of it, for whoever checks that the bytes are still those."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.db.stored import StoredRow, stored_rows
from consult.kernel.faults import Fault
from consult.studies.deliveries.tables import DeliveryBlobRow
from consult.studies.model import Part
from consult.studies.tables import ConflictRow, InstanceBlobRow, InstanceRow

_AT_ONCE = 500
_INSTANCE = "instance"
_UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class NamedBlob:
    """Bytes that a row needs, and the instance or the upload that they belong to."""

    instance_id: str
    blob: BlobRef


def count_blobs(session: Session) -> int:
    """How many blobs rows name, for whoever waits."""
    images = session.scalar(select(func.count()).select_from(InstanceBlobRow)) or 0
    open_conflicts = select(func.count()).where(ConflictRow.settled_at.is_(None))
    waiting = session.scalar(select(func.count()).select_from(DeliveryBlobRow)) or 0
    return images + waiting + (session.scalar(open_conflicts) or 0)


def named_blobs(session: Session) -> Iterator[NamedBlob | Fault]:
    """Every blob that a row names, and every row that cannot be read."""
    yield from map(_named, stored_rows(session, InstanceBlobRow, by="instance_id"))
    still_open = ConflictRow.settled_at.is_(None)
    yield from map(_named, stored_rows(session, ConflictRow, by="id", where=still_open))
    yield from map(_named, stored_rows(session, DeliveryBlobRow, by="upload_id"))


def is_still_named(session: Session, key: str) -> bool:
    """Whether the row is there yet: bytes go only after it."""
    images = select(InstanceBlobRow.key).where(InstanceBlobRow.key == key)
    conflicts = select(ConflictRow.key).where(
        ConflictRow.key == key, ConflictRow.settled_at.is_(None)
    )
    waiting = select(DeliveryBlobRow.key).where(DeliveryBlobRow.key == key)
    return session.scalar(images.union(conflicts, waiting)) is not None


def blobs_after(session: Session, key: str, *, limit: int) -> list[tuple[BlobRef, str, str, str]]:
    """The next blobs behind a key that rows name: kind, id and part of each.

    A file that collides is told by the instance with which it does, a picture of a camera that
    waits for a person by its upload.
    """
    parts = select(InstanceBlobRow).where(InstanceBlobRow.key > key)
    beside = select(ConflictRow).where(ConflictRow.key > key, ConflictRow.settled_at.is_(None))
    found = [
        (_blob(row), _INSTANCE, row.instance_id, row.part.value)
        for row in session.scalars(parts.order_by(InstanceBlobRow.key).limit(limit))
    ]
    found += [
        (_blob(row), _INSTANCE, row.instance_id, "conflict")
        for row in session.scalars(beside.order_by(ConflictRow.key).limit(limit))
    ]
    waiting = select(DeliveryBlobRow).where(DeliveryBlobRow.key > key)
    found += [
        (_blob(row), _UPLOAD, row.upload_id, row.part.value)
        for row in session.scalars(waiting.order_by(DeliveryBlobRow.key).limit(limit))
    ]
    return found


def original_hashes(session: Session, instance_ids: Collection[str]) -> Mapping[str, str]:
    """SHA-256 of the stored object of each of these instances."""
    found: dict[str, str] = {}
    wanted = sorted(set(instance_ids))
    for start in range(0, len(wanted), _AT_ONCE):
        statement = select(InstanceBlobRow.instance_id, InstanceBlobRow.sha256).where(
            InstanceBlobRow.part == Part.ORIGINAL,
            InstanceBlobRow.instance_id.in_(wanted[start : start + _AT_ONCE]),
        )
        found |= dict(session.execute(statement).all())
    return found


def withdrawn_among(session: Session, instance_ids: Collection[str]) -> set[str]:
    """Which of these instances were struck out as another patient's."""
    found: set[str] = set()
    wanted = sorted(set(instance_ids))
    for start in range(0, len(wanted), _AT_ONCE):
        statement = select(InstanceRow.id).where(
            InstanceRow.id.in_(wanted[start : start + _AT_ONCE]),
            InstanceRow.withdrawn_at.is_not(None),
        )
        found.update(session.scalars(statement))
    return found


def _blob(row: InstanceBlobRow | ConflictRow | DeliveryBlobRow) -> BlobRef:
    return BlobRef(row.key, row.size_bytes, row.sha256, row.wrapped_key)


def _named(row: StoredRow) -> NamedBlob | Fault:
    values = row.values
    instance_id = str(values.get("instance_id") or values.get("upload_id"))
    if row.unreadable:
        return Fault("image-unreadable", instance_id)
    blob = BlobRef(values["key"], values["size_bytes"], values["sha256"], values["wrapped_key"])
    return NamedBlob(instance_id, blob)

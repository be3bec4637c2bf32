"""The only SQL of what machines deliver."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.kernel.ids import InstitutionId
from consult.studies.deliveries.model import Delivery
from consult.studies.deliveries.tables import DeliveryBlobRow, DeliveryRow
from consult.studies.model import Part
from consult.studies.uploads.model import NO_CASE, UploadState
from consult.studies.uploads.tables import UploadRow


def save_new(session: Session, delivery: Delivery) -> None:
    """Write a new delivery."""
    session.add(
        DeliveryRow(
            upload_id=delivery.upload_id,
            institution_id=delivery.institution_id,
            machine_id=delivery.machine_id,
            spool_id=delivery.spool_id,
            seen_at=delivery.seen_at,
            written_at=delivery.written_at,
        )
    )
    session.flush()


def find_delivery(session: Session, upload_id: str) -> Delivery | None:
    """The delivery that this upload is."""
    row = session.get(DeliveryRow, upload_id)
    return None if row is None else _as_delivery(row)


def find_by_spool(session: Session, *, machine_id: str, spool_id: str) -> str | None:
    """The upload of this file of the sender's."""
    return session.scalar(
        select(DeliveryRow.upload_id).where(
            DeliveryRow.machine_id == machine_id, DeliveryRow.spool_id == spool_id
        )
    )


def count_open(session: Session, machine_id: str) -> int:
    """How many uploads this machine has begun and not finished."""
    statement = (
        select(func.count())
        .select_from(DeliveryRow)
        .join(UploadRow, UploadRow.id == DeliveryRow.upload_id)
        .where(DeliveryRow.machine_id == machine_id, UploadRow.state == UploadState.RECEIVING)
    )
    return session.scalar(statement) or 0


def own_ids(session: Session, *, machine_id: str, upload_ids: Collection[str]) -> frozenset[str]:
    """Which of these uploads are the machine's."""
    statement = select(DeliveryRow.upload_id).where(
        DeliveryRow.machine_id == machine_id, DeliveryRow.upload_id.in_(sorted(upload_ids))
    )
    return frozenset(session.scalars(statement))


def list_waiting(
    session: Session, institution_id: str, *, limit: int
) -> Sequence[tuple[Delivery, bytes, bool]]:
    """What waits at an institution, the newest first: its sealed name, and whether it is shown."""
    statement = (
        select(DeliveryRow, UploadRow.name_sealed, DeliveryBlobRow.upload_id)
        .join(UploadRow, UploadRow.id == DeliveryRow.upload_id)
        .outerjoin(
            DeliveryBlobRow,
            (DeliveryBlobRow.upload_id == DeliveryRow.upload_id)
            & (DeliveryBlobRow.part == Part.THUMBNAIL),
        )
        .where(DeliveryRow.institution_id == institution_id, UploadRow.state == UploadState.WAITING)
        .order_by(DeliveryRow.seen_at.desc(), DeliveryRow.upload_id)
        .limit(limit)
    )
    return [
        (_as_delivery(row), name, found is not None)
        for row, name, found in session.execute(statement)
    ]


def save_blobs(session: Session, upload_id: str, blobs: Mapping[Part, BlobRef]) -> None:
    """Name the bytes of a picture that waits."""
    session.add_all(
        DeliveryBlobRow(
            upload_id=upload_id,
            part=part,
            key=blob.key,
            size_bytes=blob.size_bytes,
            sha256=blob.sha256,
            wrapped_key=blob.wrapped_key,
        )
        for part, blob in blobs.items()
    )
    session.flush()


def list_blobs(session: Session, upload_id: str) -> Mapping[Part, BlobRef]:
    """The bytes of a picture that waits."""
    rows = session.scalars(select(DeliveryBlobRow).where(DeliveryBlobRow.upload_id == upload_id))
    return {row.part: BlobRef(row.key, row.size_bytes, row.sha256, row.wrapped_key) for row in rows}


def delete_blobs(session: Session, upload_id: str) -> Sequence[str]:
    """Forget where the bytes lay; their keys."""
    statement = delete(DeliveryBlobRow).where(DeliveryBlobRow.upload_id == upload_id)
    return session.scalars(statement.returning(DeliveryBlobRow.key)).all()


def delete_delivery(session: Session, upload_id: str) -> None:
    """Forget a delivery of which nothing arrived."""
    session.execute(delete(DeliveryRow).where(DeliveryRow.upload_id == upload_id))


def named_keys(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Which of these keys hold a picture that waits."""
    statement = select(DeliveryBlobRow.key).where(DeliveryBlobRow.key.in_(sorted(keys)))
    return frozenset(session.scalars(statement))


def save_case(
    session: Session, upload_id: str, *, case_id: str, person: str, session_id: str | None
) -> bool:
    """Name the case of what had none, and in whose name it is taken; False where it has one."""
    return _change(
        session,
        upload_id,
        UploadRow.case_id == NO_CASE,
        case_id=case_id,
        practitioner_id=person,
        session_id=session_id,
    )


def save_waiting(session: Session, upload_id: str, *, of: UploadState) -> bool:
    """Let it wait for a person, in nobody's case; False unless it is in this state."""
    values = {"state": UploadState.WAITING, "case_id": NO_CASE, "leased_until": None}
    return _change(session, upload_id, UploadRow.state == of, **values)


def end_waiting(session: Session, upload_id: str, *, state: UploadState) -> bool:
    """What waited is worked on, or let go; False where it does not wait any more."""
    return _change(session, upload_id, UploadRow.state == UploadState.WAITING, state=state)


def list_unanswered(session: Session, *, now: datetime, limit: int) -> Sequence[str]:
    """The questions that ran out over pictures which had waited before."""
    statement = (
        select(UploadRow.id)
        .join(DeliveryBlobRow, DeliveryBlobRow.upload_id == UploadRow.id)
        .where(
            UploadRow.state == UploadState.ASKED,
            UploadRow.expires_at <= now,
            DeliveryBlobRow.part == Part.ORIGINAL,
        )
        .limit(limit)
    )
    return session.scalars(statement).all()


def _change(session: Session, upload_id: str, clause: ColumnElement[bool], **values: Any) -> bool:
    statement = (
        update(UploadRow)
        .where(UploadRow.id == upload_id, clause)
        .values(**values)
        .returning(UploadRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _as_delivery(row: DeliveryRow) -> Delivery:
    return Delivery(
        upload_id=row.upload_id,
        institution_id=InstitutionId(row.institution_id),
        machine_id=row.machine_id,
        spool_id=row.spool_id,
        seen_at=row.seen_at,
        written_at=row.written_at,
    )

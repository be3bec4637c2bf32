"""The SQL by which many new objects are filed at once; built once, since every request asks it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, literal_column, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.db.base import table_of, written
from consult.db.prepared import Prepared
from consult.kernel.keys import Vault
from consult.studies.errors import InstanceRacedError
from consult.studies.index.model import Place
from consult.studies.index.tables import SeriesIndexRow, StudyIndexRow
from consult.studies.model import NOBODY_YET, NOT_LOOKED_AT, Description, Part, Received, Uids
from consult.studies.named import seal_named
from consult.studies.quality import kept
from consult.studies.tables import InstanceBlobRow, InstanceRow, SeriesRow, StudyRow

_INSTANCES, _BLOBS = table_of(InstanceRow), table_of(InstanceBlobRow)
_STUDIES, _SERIES = table_of(StudyRow), table_of(SeriesRow)
_STUDY_INDEX, _SERIES_INDEX = table_of(StudyIndexRow), table_of(SeriesIndexRow)
_WRITE, _WRITE_BLOBS = Prepared(insert(_INSTANCES)), Prepared(insert(_BLOBS))
_HELD_ONE = Prepared(
    select(_INSTANCES.c.sop_instance_uid)
    .where(
        _INSTANCES.c.institution_id == bindparam("institution_id"),
        _INSTANCES.c.sop_instance_uid == bindparam("uid"),
    )
    .limit(1)
)
_FEW_UIDS: Final = 30
"""So many are asked for one by one: a list of them is put into the statement's text each time."""
_HELD = select(_INSTANCES.c.sop_instance_uid).where(
    _INSTANCES.c.institution_id == bindparam("institution_id"),
    _INSTANCES.c.sop_instance_uid.in_(bindparam("uids", expanding=True)),
)
_PLACE = Prepared(
    select(_STUDIES.c.id, _SERIES.c.id, _STUDY_INDEX.c.told_hash, _SERIES_INDEX.c.told_hash)
    .join(_SERIES, _SERIES.c.study_id == _STUDIES.c.id)
    .outerjoin(_STUDY_INDEX, _STUDY_INDEX.c.study_id == _STUDIES.c.id)
    .outerjoin(_SERIES_INDEX, _SERIES_INDEX.c.series_id == _SERIES.c.id)
    .where(
        _STUDIES.c.institution_id == bindparam("institution_id"),
        _STUDIES.c.patient_id == NOBODY_YET,
        _STUDIES.c.study_instance_uid == bindparam("study_uid"),
        _SERIES.c.series_instance_uid == bindparam("series_uid"),
    )
)
# written out, not bound: only so does SQLite use the index of those few
_FEW = _INSTANCES.c.picture_reason == literal_column(f"'{NOT_LOOKED_AT}'")
_NOT_LOOKED_AT = (
    select(_INSTANCES.c.id).where(_FEW).order_by(_INSTANCES.c.id).limit(bindparam("most"))
)
_LOOKED_AT = (
    update(_INSTANCES)
    .where(_INSTANCES.c.id == bindparam("instance_id"), _FEW)
    .values(
        picture_reason=bindparam("reason"),
        likeness=bindparam("seen_as"),
        quality=bindparam("check"),
    )
)


def list_held(session: Session, *, institution_id: str, uids: Collection[str]) -> set[str]:
    """Which of these SOP Instance UIDs the institution holds already."""
    asked: dict[str, Any] = {"institution_id": institution_id}
    if len(uids) > _FEW_UIDS:
        return set(session.scalars(_HELD, asked | {"uids": list(uids)}))
    return {row[0] for uid in uids for row in _HELD_ONE.ask(session, asked | {"uid": uid})}


def find_place(session: Session, *, institution_id: str, uids: Uids) -> Place | None:
    """The rows of study and series under which the institution files what is nobody's yet."""
    asked = {
        "institution_id": institution_id,
        "study_uid": uids.study_instance_uid,
        "series_uid": uids.series_instance_uid,
    }
    return next((Place(*row) for row in _PLACE.ask(session, asked)), None)


def save_instances(
    session: Session, rows: Sequence[Mapping[str, Any]], blobs: Sequence[Mapping[str, Any]]
) -> None:
    """Write new instances and where their bytes lie.

    Raises InstanceRacedError when one was written meanwhile: nothing of the unit may stay.
    """
    try:
        _WRITE.write(session, *rows)
        _WRITE_BLOBS.write(session, *blobs)
    except IntegrityError:
        raise InstanceRacedError from None


def row_of(
    received: Received, vault: Vault, *, of: tuple[str, str, str], at: datetime
) -> dict[str, Any]:
    """The columns of a new instance: `of` are its id, institution and series."""
    told: Description = received.description
    return {
        "id": of[0],
        "institution_id": of[1],
        "series_id": of[2],
        "sop_instance_uid": received.uids.sop_instance_uid,
        "copy_number": 0,
        "sop_class_uid": told.sop_class_uid,
        "transfer_syntax_uid": told.transfer_syntax_uid,
        "origin": told.origin,
        "source_sha256": received.source_sha256,
        "rows": told.rows,
        "columns": told.columns,
        "frames": told.frames,
        "captured_at": told.captured.at,
        "captured_source": told.captured.source,
        "captured_zone": told.captured.zone,
        "laterality": told.laterality,
        "picture_reason": told.picture_reason,
        "likeness": told.likeness,
        "quality": kept(told.quality),
        "named_sealed": seal_named(vault, told),
        "received_at": at,
    }


def blob_rows_of(instance_id: str, blobs: Mapping[Part, BlobRef]) -> list[dict[str, Any]]:
    """The columns of where its bytes lie."""
    return [
        {
            "instance_id": instance_id,
            "part": part,
            "key": blob.key,
            "size_bytes": blob.size_bytes,
            "sha256": blob.sha256,
            "wrapped_key": blob.wrapped_key,
        }
        for part, blob in blobs.items()
    ]


def list_not_looked_at(session: Session, *, limit: int) -> Sequence[str]:
    """Objects whose picture nobody has looked at yet, the oldest first."""
    return session.scalars(_NOT_LOOKED_AT, {"most": limit}).all()


def save_look(session: Session, instance_id: str, told: Description) -> bool:
    """Keep what was found; False where somebody was first, or the object has gone."""
    values = {
        "instance_id": instance_id,
        "reason": told.picture_reason,
        "seen_as": told.likeness,
        "check": kept(told.quality),
    }
    return bool(written(session.execute(_LOOKED_AT, values)).rowcount)


def save_pictures(session: Session, instance_id: str, blobs: Mapping[Part, BlobRef]) -> None:
    """Write where its pictures lie."""
    if blobs:
        _WRITE_BLOBS.write(session, *blob_rows_of(instance_id, blobs))

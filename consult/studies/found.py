"""Instances as values: the questions that find them, built once (decision 0106)."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, select
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.db.base import table_of
from consult.db.lists import named, padded, parameters
from consult.db.prepared import Prepared
from consult.kernel.ids import InstanceId, InstitutionId, PatientId, StudyId
from consult.kernel.keys import Vault
from consult.kernel.work import Work
from consult.studies.model import Captured, Description, Instance, Part, Uids
from consult.studies.named import open_named
from consult.studies.quality import of_kept
from consult.studies.tables import InstanceBlobRow, InstanceRow, SeriesRow, StudyRow

MOST_COPIES = 50
MOST_OF_SERIES = 500

Question = Select[*tuple[Any, ...]]

_OBJECT, _SERIES, _STUDY = (table_of(kind) for kind in (InstanceRow, SeriesRow, StudyRow))
_PLACE = table_of(InstanceBlobRow).c
_FOUND: Question = (
    select(
        *(column for column in _OBJECT.c if column.name not in {"series_id", "copy_number"}),
        _SERIES.c.series_instance_uid,
        _SERIES.c.modality,
        _STUDY.c.id.label("study_id"),
        _STUDY.c.patient_id,
        _STUDY.c.study_instance_uid,
    )
    .select_from(_OBJECT)
    .join(_SERIES, _OBJECT.c.series_id == _SERIES.c.id)
    .join(_STUDY, _SERIES.c.study_id == _STUDY.c.id)
    .order_by(_OBJECT.c.copy_number, _OBJECT.c.id)
    .limit(MOST_COPIES)
)
_OF_INSTITUTION = _FOUND.where(_OBJECT.c.institution_id == bindparam("institution"))
BY_UID = Prepared(_OF_INSTITUTION.where(_OBJECT.c.sop_instance_uid == bindparam("uid")))
BY_SOURCE = Prepared(_OF_INSTITUTION.where(_OBJECT.c.source_sha256 == bindparam("sha256")))
_OF_STUDY = _OF_INSTITUTION.where(_STUDY.c.study_instance_uid == bindparam("study"))
_BLOBS = select(
    _PLACE.instance_id,
    _PLACE.part,
    _PLACE.key,
    _PLACE.size_bytes,
    _PLACE.sha256,
    _PLACE.wrapped_key,
)


@cache
def _by_ids(how_many: int) -> Prepared:
    return Prepared(_FOUND.where(_OBJECT.c.id.in_(parameters("id", how_many))))


@cache
def _blobs_by_ids(how_many: int) -> Prepared:
    return Prepared(_BLOBS.where(_PLACE.instance_id.in_(parameters("id", how_many))))


@cache
def _by_series(how_many: int) -> Prepared:
    series = _SERIES.c.series_instance_uid.in_(parameters("series", how_many))
    return Prepared(_OF_STUDY.where(series).limit(MOST_OF_SERIES))


def list_by_series(
    work: Work, *, institution_id: str, study_uid: str, series_uids: Sequence[str]
) -> list[Instance]:
    """What stands in these series of a study, at most `MOST_OF_SERIES`."""
    wanted = padded(series_uids)
    asked = {"institution": institution_id, "study": study_uid, **named("series", wanted)}
    return list_found(work, _by_series(len(wanted)), **asked)


def list_by_ids(work: Work, ids: Sequence[str]) -> list[Instance]:
    """These instances, at most `MOST_COPIES`."""
    wanted = padded(ids)
    return list_found(work, _by_ids(len(wanted)), **named("id", wanted))


def list_found(work: Work, question: Prepared, **asked: object) -> list[Instance]:
    """The instances that a question finds, with the places of their bytes."""
    found = question.ask(work.session, asked)
    blobs = _blobs_of(work.session, [row.id for row in found])
    return [_as_instance(work.vault, row, blobs.get(row.id, {})) for row in found]


def _blobs_of(session: Session, ids: Sequence[str]) -> dict[str, dict[Part, BlobRef]]:
    found: dict[str, dict[Part, BlobRef]] = {}
    if not ids:
        return found
    wanted = padded(ids)
    asked = named("id", wanted)
    for instance_id, part, *place in _blobs_by_ids(len(wanted)).ask(session, asked):
        found.setdefault(instance_id, {})[part] = BlobRef(*place)
    return found


def _as_instance(vault: Vault, row: Row[Any], blobs: Mapping[Part, BlobRef]) -> Instance:
    named_name, named_number = open_named(vault, row.named_sealed)
    return Instance(
        id=InstanceId(row.id),
        institution_id=InstitutionId(row.institution_id),
        patient_id=PatientId(row.patient_id),
        study_id=StudyId(row.study_id),
        uids=Uids(row.study_instance_uid, row.series_instance_uid, row.sop_instance_uid),
        source_sha256=row.source_sha256,
        description=Description(
            origin=row.origin,
            sop_class_uid=row.sop_class_uid,
            transfer_syntax_uid=row.transfer_syntax_uid,
            modality=row.modality,
            rows=row.rows,
            columns=row.columns,
            frames=row.frames,
            captured=Captured(row.captured_at, row.captured_source, row.captured_zone),
            laterality=row.laterality,
            picture_reason=row.picture_reason,
            likeness=row.likeness,
            quality=of_kept(row.quality),
            named_name=named_name,
            named_number=named_number,
        ),
        blobs=blobs,
        received_at=row.received_at,
        withdrawn_at=row.withdrawn_at,
        successor_id=None if row.successor_id is None else InstanceId(row.successor_id),
        decoding=row.decoding,
    )

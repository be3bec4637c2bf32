"""The only SQL of studies, series and instances."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, Select, bindparam, delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.db.base import table_of
from consult.db.reading import known
from consult.kernel.ids import InstanceId, InstitutionId, PatientId, StudyId, new_id
from consult.kernel.keys import Vault
from consult.kernel.work import Work
from consult.studies.errors import InstanceRacedError
from consult.studies.model import Captured, Description, Instance, Part, Received, Uids
from consult.studies.named import open_named, seal_named
from consult.studies.tables import InstanceBlobRow, InstanceRow, SeriesRow, StudyRow

_MOST_COPIES = 50

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
    .limit(_MOST_COPIES)
)
_OF_INSTITUTION = _FOUND.where(_OBJECT.c.institution_id == bindparam("institution"))
_BY_UID = _OF_INSTITUTION.where(_OBJECT.c.sop_instance_uid == bindparam("uid"))
_BY_SOURCE = _OF_INSTITUTION.where(_OBJECT.c.source_sha256 == bindparam("sha256"))
_BY_IDS = _FOUND.where(_OBJECT.c.id.in_(bindparam("ids", expanding=True)))
_BLOBS = select(
    _PLACE.instance_id,
    _PLACE.part,
    _PLACE.key,
    _PLACE.size_bytes,
    _PLACE.sha256,
    _PLACE.wrapped_key,
).where(_PLACE.instance_id.in_(bindparam("ids", expanding=True)))


def find_study(
    session: Session, *, institution_id: str, patient_id: str, uid: str
) -> StudyRow | None:
    """The study under which the institution files this UID for this patient."""
    return session.scalar(
        select(StudyRow).where(
            StudyRow.institution_id == institution_id,
            StudyRow.patient_id == patient_id,
            StudyRow.study_instance_uid == uid,
        )
    )


def find_series(session: Session, *, study_id: str, uid: str) -> SeriesRow | None:
    """A series of this study."""
    return session.scalar(
        select(SeriesRow).where(
            SeriesRow.study_id == study_id, SeriesRow.series_instance_uid == uid
        )
    )


def save_row(session: Session, row: StudyRow | SeriesRow) -> None:
    """Write a new study or series; raises InstanceRacedError when it was written meanwhile."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise InstanceRacedError from None


def save_instance(work: Work, received: Received, *, series_id: str, institution_id: str) -> str:
    """Write a new instance with its blobs; raises InstanceRacedError when another one won."""
    told, uid = received.description, received.uids.sop_instance_uid
    row = InstanceRow(
        id=new_id(),
        institution_id=institution_id,
        series_id=series_id,
        sop_instance_uid=uid,
        copy_number=free_copy_number(work.session, institution_id=institution_id, uid=uid),
        sop_class_uid=told.sop_class_uid,
        transfer_syntax_uid=told.transfer_syntax_uid,
        origin=told.origin,
        source_sha256=received.source_sha256,
        rows=told.rows,
        columns=told.columns,
        frames=told.frames,
        captured_at=told.captured.at,
        captured_source=told.captured.source,
        captured_zone=told.captured.zone,
        laterality=told.laterality,
        picture_reason=told.picture_reason,
        likeness=told.likeness,
        named_sealed=seal_named(work.vault, told),
        received_at=work.now,
    )
    try:
        with work.session.begin_nested():
            work.session.add(row)
            work.session.flush()
            work.session.add_all(_blob_rows(row.id, received.blobs))
    except IntegrityError:
        raise InstanceRacedError from None
    return row.id


def replace_blobs(session: Session, instance_id: str, blobs: Mapping[Part, BlobRef]) -> None:
    """Put these parts in the place of the stored ones."""
    session.execute(
        delete(InstanceBlobRow).where(
            InstanceBlobRow.instance_id == instance_id, InstanceBlobRow.part.in_(list(blobs))
        )
    )
    session.add_all(_blob_rows(instance_id, blobs))
    session.flush()


def list_by_sop_uid(work: Work, *, institution_id: str, uid: str) -> list[Instance]:
    """The instances of this UID that an institution holds, the first one first."""
    asked = {"institution": institution_id, "uid": uid}
    found = known(
        work.session, ("sop uid", *asked.values()), lambda: tuple(_list(work, _BY_UID, **asked))
    )
    return list(found)


def free_copy_number(session: Session, *, institution_id: str, uid: str) -> int:
    """0 for a new UID, else one more than the highest that is taken."""
    highest = session.scalar(
        select(func.max(InstanceRow.copy_number)).where(
            InstanceRow.institution_id == institution_id, InstanceRow.sop_instance_uid == uid
        )
    )
    return 0 if highest is None else highest + 1


def list_by_source(work: Work, *, institution_id: str, sha256: str) -> list[Instance]:
    """The instances of an institution that came as exactly these bytes."""
    return _list(work, _BY_SOURCE, institution=institution_id, sha256=sha256)


def list_instances(work: Work, ids: Iterable[str]) -> dict[str, Instance]:
    """These instances by id; an unknown id is left out."""
    found: dict[str, Instance] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _MOST_COPIES):
        piece = wanted[start : start + _MOST_COPIES]
        found |= {each.id: each for each in _list(work, _BY_IDS, ids=piece)}
    return found


def move_instance(session: Session, instance: Instance, *, series_id: str, uid: str) -> None:
    """File an instance under another series, and under another UID where its bytes are new."""
    values: dict[str, str | int] = {"series_id": series_id}
    if uid != instance.uids.sop_instance_uid:
        copy = free_copy_number(session, institution_id=instance.institution_id, uid=uid)
        values |= {"sop_instance_uid": uid, "copy_number": copy}
    try:
        with session.begin_nested():
            session.execute(
                update(InstanceRow).where(InstanceRow.id == instance.id).values(**values)
            )
    except IntegrityError:
        raise InstanceRacedError from None


def save_laterality(session: Session, instance_id: str, laterality: str | None) -> None:
    """Keep the laterality that the stored object now carries."""
    session.execute(
        update(InstanceRow).where(InstanceRow.id == instance_id).values(laterality=laterality)
    )


def delete_instance(session: Session, instance_id: str) -> None:
    """Forget an instance; its series and study go with the last one."""
    series_id = session.scalar(select(InstanceRow.series_id).where(InstanceRow.id == instance_id))
    session.execute(delete(InstanceBlobRow).where(InstanceBlobRow.instance_id == instance_id))
    session.execute(delete(InstanceRow).where(InstanceRow.id == instance_id))
    session.execute(
        delete(SeriesRow).where(
            SeriesRow.id == series_id, ~exists().where(InstanceRow.series_id == SeriesRow.id)
        )
    )


def named_keys(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Which of these keys an instance names."""
    statement = select(InstanceBlobRow.key).where(InstanceBlobRow.key.in_(sorted(keys)))
    return frozenset(session.scalars(statement))


def _list(work: Work, question: Question, **asked: object) -> list[Instance]:
    found = work.session.execute(question, asked).all()
    blobs = _blobs_of(work.session, [row.id for row in found])
    return [_as_instance(work.vault, row, blobs.get(row.id, {})) for row in found]


def _blobs_of(session: Session, ids: Sequence[str]) -> dict[str, dict[Part, BlobRef]]:
    found: dict[str, dict[Part, BlobRef]] = {}
    for instance_id, part, *place in session.execute(_BLOBS, {"ids": ids}) if ids else ():
        found.setdefault(instance_id, {})[part] = BlobRef(*place)
    return found


def _blob_rows(instance_id: str, blobs: Mapping[Part, BlobRef]) -> list[InstanceBlobRow]:
    return [
        InstanceBlobRow(
            instance_id=instance_id,
            part=part,
            key=blob.key,
            size_bytes=blob.size_bytes,
            sha256=blob.sha256,
            wrapped_key=blob.wrapped_key,
        )
        for part, blob in blobs.items()
    ]


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
            named_name=named_name,
            named_number=named_number,
        ),
        blobs=blobs,
        received_at=row.received_at,
        withdrawn_at=row.withdrawn_at,
        successor_id=None if row.successor_id is None else InstanceId(row.successor_id),
    )

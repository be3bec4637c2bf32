"""The only SQL of studies, series and instances."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.kernel.ids import InstanceId, InstitutionId, PatientId, StudyId, new_id
from consult.kernel.keys import Vault
from consult.kernel.work import Work
from consult.studies.errors import InstanceRacedError
from consult.studies.model import Captured, Description, Instance, Part, Received, Uids
from consult.studies.named import open_named, seal_named
from consult.studies.quality import kept, of_kept
from consult.studies.tables import InstanceBlobRow, InstanceRow, SeriesRow, StudyRow

_MOST_COPIES = 50

Found = tuple[InstanceRow, SeriesRow, StudyRow]


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
        quality=kept(told.quality),
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
    return _list(
        work,
        InstanceRow.institution_id == institution_id,
        InstanceRow.sop_instance_uid == uid,
    )


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
    return _list(
        work, InstanceRow.institution_id == institution_id, InstanceRow.source_sha256 == sha256
    )


def list_instances(work: Work, ids: Iterable[str]) -> dict[str, Instance]:
    """These instances by id; an unknown id is left out."""
    found: dict[str, Instance] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _MOST_COPIES):
        piece = wanted[start : start + _MOST_COPIES]
        found |= {each.id: each for each in _list(work, InstanceRow.id.in_(piece))}
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


def _list(work: Work, *clauses: object) -> list[Instance]:
    statement = (
        select(InstanceRow, SeriesRow, StudyRow)
        .join(SeriesRow, InstanceRow.series_id == SeriesRow.id)
        .join(StudyRow, SeriesRow.study_id == StudyRow.id)
        .where(*clauses)  # type: ignore[arg-type] # column clauses of either kind
        .order_by(InstanceRow.copy_number, InstanceRow.id)
        .limit(_MOST_COPIES)
    )
    found: list[Found] = [
        (row, series, study) for row, series, study in work.session.execute(statement)
    ]
    blobs = _blobs_of(work.session, [row.id for row, _, _ in found])
    return [_as_instance(work.vault, each, blobs.get(each[0].id, {})) for each in found]


def _blobs_of(session: Session, ids: Sequence[str]) -> dict[str, dict[Part, BlobRef]]:
    found: dict[str, dict[Part, BlobRef]] = {}
    for row in session.scalars(select(InstanceBlobRow).where(InstanceBlobRow.instance_id.in_(ids))):
        reference = BlobRef(row.key, row.size_bytes, row.sha256, row.wrapped_key)
        found.setdefault(row.instance_id, {})[row.part] = reference
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


def _as_instance(vault: Vault, found: Found, blobs: Mapping[Part, BlobRef]) -> Instance:
    row, series, study = found
    named_name, named_number = open_named(vault, row.named_sealed)
    return Instance(
        id=InstanceId(row.id),
        institution_id=InstitutionId(row.institution_id),
        patient_id=PatientId(study.patient_id),
        study_id=StudyId(study.id),
        uids=Uids(study.study_instance_uid, series.series_instance_uid, row.sop_instance_uid),
        source_sha256=row.source_sha256,
        description=Description(
            origin=row.origin,
            sop_class_uid=row.sop_class_uid,
            transfer_syntax_uid=row.transfer_syntax_uid,
            modality=series.modality,
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

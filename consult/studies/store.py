"""The only SQL of studies, series and instances."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.db.reading import known
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.studies.errors import InstanceRacedError
from consult.studies.found import BY_SOURCE, BY_UID, MOST_COPIES, list_by_ids, list_found
from consult.studies.model import Instance, Part, Received
from consult.studies.named import seal_named
from consult.studies.quality import kept
from consult.studies.tables import InstanceBlobRow, InstanceRow, SeriesRow, StudyRow


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
    asked = {"institution": institution_id, "uid": uid}
    found = known(
        work.session, ("sop uid", *asked.values()), lambda: tuple(list_found(work, BY_UID, **asked))
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
    return list_found(work, BY_SOURCE, institution=institution_id, sha256=sha256)


def list_instances(work: Work, ids: Iterable[str]) -> dict[str, Instance]:
    """These instances by id; an unknown id is left out."""
    found: dict[str, Instance] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), MOST_COPIES):
        piece = wanted[start : start + MOST_COPIES]
        found |= {each.id: each for each in list_by_ids(work, piece)}
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

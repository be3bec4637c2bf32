"""The one way in: every door ends here, with the bytes stored and the row not yet.

The same object again is the same instance; the same SOP Instance UID with other bytes is a conflict
that a person settles, and nothing is overwritten.
"""

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.ids import InstitutionId, PatientId, new_id
from consult.kernel.work import Entry, Work
from consult.studies import conflicts, store
from consult.studies.decoding import want_comparing
from consult.studies.index import service as index
from consult.studies.model import NOBODY_YET, Ingested, Instance, Part, Received, Uids, Verdict
from consult.studies.quotas import service as quotas
from consult.studies.tables import SeriesRow, StudyRow


def ingest(
    work: Work,
    received: Received,
    *,
    institution_id: InstitutionId,
    patient_id: PatientId,
    case_id: str,
) -> Ingested:
    """File one object for a patient of the institution.

    What came in before without a case becomes this patient's.

    Raises InstanceRacedError: the same object is being stored elsewhere at this moment; try again.
    Raises QuotaFullError: the institution may keep no more; nothing was changed.
    """
    uid = received.uids.sop_instance_uid
    held = store.list_by_sop_uid(work, institution_id=institution_id, uid=uid)
    other = next((each for each in held if each.source_sha256 != received.source_sha256), None)
    if other is not None:
        conflict_id = conflicts.keep_conflict(work, received, instance=other, case_id=case_id)
        return Ingested(Verdict.CONFLICT, other, conflict_id)
    own = next((each for each in held if each.patient_id == patient_id), None)
    waiting = next((each for each in held if each.patient_id == NOBODY_YET), None)
    if own is not None or waiting is not None:
        conflicts.drop_blobs(work, [blob.key for blob in received.blobs.values()])
    if own is not None:
        return Ingested(Verdict.KNOWN, own)
    if waiting is not None:
        assigned = assign(work, waiting, patient_id=patient_id, case_id=case_id)
        return Ingested(Verdict.STORED, assigned)
    instance = _store(work, received, institution_id=institution_id, patient_id=patient_id)
    journal_stored(work, instance, case_id=case_id)
    return Ingested(Verdict.STORED, instance)


def receive(
    work: Work, received: Received, *, institution_id: InstitutionId, way: str, source: str
) -> Ingested:
    """File one object that came without a case: the institution's, and nobody's until assigned.

    An object that the institution holds already, for whomever, is known. `way` (`stow`, `dimse`)
    and `source` (a token's id, an AE title; empty for a person) are written down. Raises
    InstanceRacedError and QuotaFullError as `ingest` does.
    """
    uid = received.uids.sop_instance_uid
    held = store.list_by_sop_uid(work, institution_id=institution_id, uid=uid)
    other = next((each for each in held if each.source_sha256 != received.source_sha256), None)
    if other is not None:
        conflict_id = conflicts.keep_conflict(work, received, instance=other, case_id=None)
        return Ingested(Verdict.CONFLICT, other, conflict_id)
    if held:
        conflicts.drop_blobs(work, [blob.key for blob in received.blobs.values()])
        return Ingested(Verdict.KNOWN, held[0])
    instance = _store(work, received, institution_id=institution_id, patient_id=NOBODY_YET)
    journal_stored(work, instance, case_id=None, way=way, source=source)
    return Ingested(Verdict.STORED, instance)


def assign(work: Work, instance: Instance, *, patient_id: PatientId, case_id: str) -> Instance:
    """A received object becomes a patient's of the same institution; its bytes stay as they are.

    The caller has asked policy. Raises InstanceRacedError: somebody was first.
    """
    series_id = find_or_open_series(
        work,
        instance.uids,
        institution_id=instance.institution_id,
        patient_id=patient_id,
        modality=instance.description.modality,
    )
    store.move_instance(
        work.session, instance, series_id=series_id, uid=instance.uids.sop_instance_uid
    )
    index.copy_index(work, instance, series_id=series_id)
    codes = {"study": instance.study_id, "source_sha256": instance.source_sha256}
    work.journal(
        Entry(
            "image.assigned",
            "instance",
            instance.id,
            codes=codes,
            case_id=case_id,
            patient_id=patient_id,
        )
    )
    work.session.expire_all()
    return store.list_instances(work, [instance.id])[instance.id]


def _store(
    work: Work, received: Received, *, institution_id: InstitutionId, patient_id: PatientId
) -> Instance:
    quotas.charge(work, institution_id, size_bytes=received.size_bytes, instances=1)
    series_id = find_or_open_series(
        work,
        received.uids,
        institution_id=institution_id,
        patient_id=patient_id,
        modality=received.description.modality,
    )
    instance_id = store.save_instance(
        work, received, series_id=series_id, institution_id=institution_id
    )
    instance = store.list_instances(work, [instance_id])[instance_id]
    if received.indexed is None:
        index.want_index(work, instance_id)
    else:
        index.keep_index(
            work,
            instance_id,
            received.indexed,
            made_from=received.blobs[Part.ORIGINAL].key,
        )
    want_comparing(work, instance)
    return instance


def find_or_open_series(
    work: Work, uids: Uids, *, institution_id: InstitutionId, patient_id: PatientId, modality: str
) -> str:
    """The row of this series in the patient's study; both are opened where they are new."""
    return find_or_open(
        work, uids, institution_id=institution_id, patient_id=patient_id, modality=modality
    )[1]


def find_or_open(
    work: Work, uids: Uids, *, institution_id: InstitutionId, patient_id: PatientId, modality: str
) -> tuple[str, str]:
    """The rows of study and series; both are opened where they are new."""
    study = store.find_study(
        work.session,
        institution_id=institution_id,
        patient_id=patient_id,
        uid=uids.study_instance_uid,
    )
    if study is None:
        study = StudyRow(
            id=new_id(),
            institution_id=institution_id,
            patient_id=patient_id,
            study_instance_uid=uids.study_instance_uid,
            created_at=work.now,
        )
        store.save_row(work.session, study)
        access.keep(
            work, Ref(ObjectType.STUDY, study.id), custodian=(Party.INSTITUTION, institution_id)
        )
    series = store.find_series(work.session, study_id=study.id, uid=uids.series_instance_uid)
    if series is None:
        series = SeriesRow(
            id=new_id(),
            study_id=study.id,
            series_instance_uid=uids.series_instance_uid,
            modality=modality,
        )
        store.save_row(work.session, series)
    return study.id, series.id


def journal_stored(work: Work, instance: Instance, *, case_id: str | None, **came: str) -> None:
    """Write down that an object came to be here."""
    work.journal(entry_stored(instance, case_id=case_id, **came))


def entry_stored(instance: Instance, *, case_id: str | None, **came: str) -> Entry:
    """The line which says that an object came to be here."""
    told = instance.description
    return Entry(
        "image.stored",
        "instance",
        instance.id,
        codes={
            "study": instance.study_id,
            "origin": told.origin,
            "source_sha256": instance.source_sha256,
            "stored_sha256": instance.original.sha256,
            "captured_source": told.captured.source,
            **came,
        },
        case_id=case_id,
        patient_id=instance.known_patient_id,
    )

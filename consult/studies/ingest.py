"""The one way in: every door ends here, with the bytes stored and the row not yet.

The same object again is the same instance; the same SOP Instance UID with other bytes is a conflict
that a person settles, and nothing is overwritten.
"""

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.kernel.ids import InstitutionId, PatientId, new_id
from consult.kernel.work import Entry, Work
from consult.studies import conflicts, store
from consult.studies.model import Ingested, Instance, Received, Uids, Verdict
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

    Raises InstanceRacedError: the same object is being stored elsewhere at this moment; try again.
    """
    uid = received.uids.sop_instance_uid
    held = store.list_by_sop_uid(work, institution_id=institution_id, uid=uid)
    other = next((each for each in held if each.source_sha256 != received.source_sha256), None)
    if other is not None:
        conflict_id = conflicts.keep_conflict(work, received, instance=other, case_id=case_id)
        return Ingested(Verdict.CONFLICT, other, conflict_id)
    own = next((each for each in held if each.patient_id == patient_id), None)
    if own is not None:
        conflicts.drop_blobs(work, [blob.key for blob in received.blobs.values()])
        return Ingested(Verdict.KNOWN, own)
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
    _journal_stored(work, instance, case_id=case_id)
    return Ingested(Verdict.STORED, instance)


def find_or_open_series(
    work: Work, uids: Uids, *, institution_id: InstitutionId, patient_id: PatientId, modality: str
) -> str:
    """The row of this series in the patient's study; both are opened where they are new."""
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
    return series.id


def _journal_stored(work: Work, instance: Instance, *, case_id: str) -> None:
    told = instance.description
    work.journal(
        Entry(
            "image.stored",
            "instance",
            instance.id,
            codes={
                "study": instance.study_id,
                "origin": told.origin,
                "source_sha256": instance.source_sha256,
                "stored_sha256": instance.original.sha256,
                "captured_source": told.captured.source,
            },
            case_id=case_id,
            patient_id=instance.patient_id,
        )
    )

"""A stored object corrected: a new one takes its place, and the old one stays as it was.

As in Imaging Object Change Management (IHE RAD TF-1, 25): a corrected object has a new SOP Instance
UID, and what was rejected is kept, but not shown as this patient's.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from consult.blobs.store import BlobRef
from consult.kernel.ids import InstanceId, PatientId
from consult.kernel.work import Entry, Work
from consult.studies import ingest, store, succession_store
from consult.studies.conflicts import drop_blobs
from consult.studies.errors import InstanceChangedError, InstanceNotFoundError
from consult.studies.index import service as index
from consult.studies.model import Instance, Part, Received, Uids
from consult.studies.quotas import service as quotas


@dataclass(frozen=True, slots=True)
class Derived:
    """The corrected object on its way: made from a source whose bytes had this key."""

    source_id: InstanceId
    made_from: str
    uids: Uids
    blobs: Mapping[Part, BlobRef]
    laterality: str | None


def derive_instance(
    work: Work, derived: Derived, *, patient_id: PatientId, case_id: str
) -> Instance:
    """File the corrected object beside its source, which is not touched.

    The same object that this patient holds already is that one. Raises InstanceChangedError: the
    source's bytes were replaced since they were read.
    """
    source = store.list_instances(work, [derived.source_id]).get(derived.source_id)
    if source is None:
        raise InstanceNotFoundError
    if source.original.key != derived.made_from:
        raise InstanceChangedError(source.id)
    uid = derived.uids.sop_instance_uid
    held = store.list_by_sop_uid(work, institution_id=source.institution_id, uid=uid)
    own = next((each for each in held if each.patient_id == patient_id), None)
    if own is not None:
        drop_blobs(work, [blob.key for blob in derived.blobs.values()])
        return own
    told = dataclasses.replace(source.description, laterality=derived.laterality)
    received = Received(derived.uids, source.source_sha256, told, derived.blobs)
    quotas.count(work, source.institution_id, size_bytes=received.size_bytes, instances=1)
    series_id = ingest.find_or_open_series(
        work,
        derived.uids,
        institution_id=source.institution_id,
        patient_id=patient_id,
        modality=told.modality,
    )
    instance_id = store.save_instance(
        work, received, series_id=series_id, institution_id=source.institution_id
    )
    made = store.list_instances(work, [instance_id])[instance_id]
    index.want_index(work, instance_id)
    _journal(work, source, made, case_id=case_id)
    return made


def name_successor(work: Work, instance_id: InstanceId, successor_id: InstanceId) -> None:
    """Say which object corrects this one; both are shown to whoever asks for them."""
    succession_store.save_succession(
        work.session, instance_id, successor_id=successor_id, withdrawn_at=None
    )


def withdraw_instance(work: Work, instance_id: InstanceId, successor_id: InstanceId | None) -> None:
    """It is another patient's: it stays stored, and is not shown as this one's any more.

    So is whatever it had corrected before, for that is the same picture.
    """
    succession_store.save_succession(
        work.session, instance_id, successor_id=successor_id, withdrawn_at=work.now
    )
    before = succession_store.list_predecessors(work.session, instance_id)
    while before:
        for each in before:
            succession_store.save_succession(
                work.session, each, successor_id=instance_id, withdrawn_at=work.now
            )
        instance_id, before = before[0], succession_store.list_predecessors(work.session, before[0])


def _journal(work: Work, source: Instance, made: Instance, *, case_id: str) -> None:
    work.journal(
        Entry(
            "image.derived",
            "instance",
            made.id,
            codes={
                "study": made.study_id,
                "source_sha256": made.source_sha256,
                "stored_sha256": made.original.sha256,
                "laterality": made.description.laterality,
                "is_same_patient": int(made.patient_id == source.patient_id),
            },
            case_id=case_id,
            patient_id=made.patient_id,
        )
    )

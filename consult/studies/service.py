"""Reading stored images, and what may change in them before anybody relies on them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.blobs.store import BlobRef
from consult.kernel.ids import InstanceId, PatientId
from consult.kernel.work import Entry, Work
from consult.studies import conflict_store, held_store, ingest, store
from consult.studies.conflicts import drop_blobs, drop_conflicts
from consult.studies.deliveries import store as delivery_store
from consult.studies.errors import (
    InstanceChangedError,
    InstanceNotFoundError,
    InstanceRacedError,
    InstanceWithdrawnError,
)
from consult.studies.found import list_by_series
from consult.studies.index import service as index
from consult.studies.model import Instance, Origin, Part, Uids
from consult.studies.quotas import service as quotas


def get_instance(work: Work, instance_id: str) -> Instance:
    """An instance that the actor may see."""
    instance = store.list_instances(work, [instance_id]).get(instance_id)
    if instance is None or not _may_see(work, instance):
        raise InstanceNotFoundError
    _require_shown(instance)
    return instance


def current_of(work: Work, instance: Instance) -> Instance:
    """The object that stands in the place of this one by now; itself where it was not corrected."""
    seen = {instance.id}
    while instance.successor_id is not None and instance.successor_id not in seen:
        seen.add(instance.successor_id)
        instance = store.list_instances(work, [instance.successor_id])[instance.successor_id]
    return instance


def find_successor(work: Work, instance_id: InstanceId | None) -> Instance | None:
    """The object that corrects another one, for whoever may see it."""
    if instance_id is None:
        return None
    named = store.list_instances(work, [instance_id]).get(instance_id)
    found = None if named is None else current_of(work, named)
    if found is None or found.withdrawn_at is not None or not _may_see(work, found):
        return None
    return found


def get_by_uid(work: Work, *, institution_id: str, uids: Uids) -> Instance:
    """An instance by its address (PS3.18 10.4); "not yours" looks like "not there".

    Two patients of one institution may hold the same object: it is the same bytes, so either
    answers, but only to whom it is open. Raises InstanceWithdrawnError for one that proved to be
    another patient's.
    """
    held = store.list_by_sop_uid(work, institution_id=institution_id, uid=uids.sop_instance_uid)
    for instance in held:
        if instance.uids == uids and _may_see(work, instance):
            _require_shown(instance)
            return instance
    raise InstanceNotFoundError


def list_instances(work: Work, ids: Iterable[str]) -> Mapping[str, Instance]:
    """These instances by id, for a stage that has asked the policy about its own object."""
    return store.list_instances(work, ids)


def list_of_series(
    work: Work, *, institution_id: str, study_uid: str, series_uids: Sequence[str]
) -> list[Instance]:
    """What the actor may see of these series of a study; nothing that was withdrawn."""
    found = list_by_series(
        work, institution_id=institution_id, study_uid=study_uid, series_uids=series_uids
    )
    return [each for each in found if each.withdrawn_at is None and _may_see(work, each)]


def list_same_bytes(work: Work, *, institution_id: str, sha256: str) -> Sequence[Instance]:
    """What the institution has already received as exactly these bytes."""
    return store.list_by_source(work, institution_id=institution_id, sha256=sha256)


def held_hashes(work: Work, *, institution_id: str, hashes: Collection[str]) -> frozenset[str]:
    """Which of these received files the institution holds, for a caller inside the house."""
    return held_store.held_hashes(work.session, institution_id=institution_id, hashes=hashes)


@dataclass(frozen=True, slots=True)
class Relabelled:
    """The same object with another laterality in its header, stored beside the present one."""

    instance_id: InstanceId
    replaces_key: str
    original: BlobRef
    laterality: str | None


def replace_original(work: Work, change: Relabelled, *, case_id: str) -> None:
    """Let a wrapped photograph carry its confirmed eye; both hashes are written down.

    Raises InstanceChangedError: the stored bytes were replaced since they were read.
    """
    instance = get_instance(work, change.instance_id)
    before = instance.original
    if before.key != change.replaces_key:
        raise InstanceChangedError(instance.id)
    _replace(work, instance, change.original)
    store.save_laterality(work.session, instance.id, change.laterality)
    index.want_index(work, instance.id)
    drop_blobs(work, [before.key])
    work.journal(
        Entry(
            "image.relabelled",
            "instance",
            instance.id,
            codes={
                "before_sha256": before.sha256,
                "after_sha256": change.original.sha256,
                "laterality": change.laterality,
            },
            case_id=case_id,
            patient_id=instance.patient_id,
        )
    )


@dataclass(frozen=True, slots=True)
class Refiled:
    """An instance on its way to another patient; `original` where its bytes name who it is."""

    instance_id: InstanceId
    uids: Uids
    replaces_key: str
    original: BlobRef | None = None


def refile_instance(work: Work, change: Refiled, *, patient_id: PatientId) -> None:
    """File an instance for another patient of the same institution.

    Raises InstanceChangedError: the stored bytes were replaced since they were read. Raises
    InstanceRacedError: that patient holds the same object already.
    """
    instance = get_instance(work, change.instance_id)
    if instance.original.key != change.replaces_key:
        raise InstanceChangedError(instance.id)
    uid = change.uids.sop_instance_uid
    held = store.list_by_sop_uid(work, institution_id=instance.institution_id, uid=uid)
    if any(each.patient_id == patient_id for each in held if each.id != instance.id):
        raise InstanceRacedError
    series_id = ingest.find_or_open_series(
        work,
        change.uids,
        institution_id=instance.institution_id,
        patient_id=patient_id,
        modality=instance.description.modality,
    )
    store.move_instance(work.session, instance, series_id=series_id, uid=uid)
    if change.original is not None:
        _replace(work, instance, change.original)
        drop_blobs(work, [change.replaces_key])
    index.want_index(work, instance.id)


def forget_instance(work: Work, instance: Instance) -> None:
    """Remove an instance on which nothing rests; its bytes go after the commit."""
    drop_conflicts(work, instance.id)
    quotas.count(work, instance.institution_id, size_bytes=-instance.size_bytes, instances=-1)
    store.delete_instance(work.session, instance.id)
    drop_blobs(work, [blob.key for blob in instance.blobs.values()])


@dataclass(frozen=True, slots=True)
class Viewing:
    """What one person was shown of one study in a few seconds."""

    study_id: str
    patient_id: PatientId | None
    frames: int
    thumbnails: int
    instances: int


def record_viewing(work: Work, viewing: Viewing) -> None:
    """Write down that pictures of a study were shown."""
    work.journal(
        Entry(
            "study.viewed",
            ObjectType.STUDY,
            viewing.study_id,
            codes={
                "frames": viewing.frames,
                "thumbnails": viewing.thumbnails,
                "instances": viewing.instances,
            },
            patient_id=viewing.patient_id,
        )
    )


def unnamed_keys(work: Work, keys: Collection[str]) -> frozenset[str]:
    """Which of these keys no instance, no conflict and no picture that waits names."""
    return (
        frozenset(keys)
        - store.named_keys(work.session, keys)
        - conflict_store.named_keys(work.session, keys)
        - delivery_store.named_keys(work.session, keys)
    )


def _replace(work: Work, instance: Instance, original: BlobRef) -> None:
    more = original.size_bytes - instance.original.size_bytes
    quotas.count(work, instance.institution_id, size_bytes=more)
    store.replace_blobs(work.session, instance.id, {Part.ORIGINAL: original})


def _require_shown(instance: Instance) -> None:
    if instance.withdrawn_at is not None:
        raise InstanceWithdrawnError(instance.successor_id)


def _may_see(work: Work, instance: Instance) -> bool:
    ref = Ref(ObjectType.STUDY, instance.study_id)
    if not policy.may_see(work.session, work.actor, ref, now=work.now):
        return False
    return instance.description.origin is not Origin.REPORT or policy.sees_more_than_pictures(
        work, ref
    )

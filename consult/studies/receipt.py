"""Filing many received objects in one unit, and the look at their pictures that follows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from consult.blobs.store import BlobRef
from consult.kernel.ids import InstanceId, InstitutionId, StudyId, new_id
from consult.kernel.work import Entry, Work
from consult.studies import ingest, store, store_many
from consult.studies.conflicts import drop_blobs
from consult.studies.decoding import want_comparing
from consult.studies.index import service as index
from consult.studies.index.model import Indexed, Place
from consult.studies.model import (
    NOBODY_YET,
    Description,
    Ingested,
    Instance,
    Part,
    Received,
    Verdict,
)
from consult.studies.quotas import service as quotas


def receive_all(
    work: Work,
    received: Sequence[Received],
    *,
    institution_id: InstitutionId,
    way: str,
    source: str,
) -> list[Ingested]:
    """File objects that came without a case, in their order; the same as `ingest.receive` of each.

    What is new is written in few statements. Raises InstanceRacedError: try all of it again. Raises
    QuotaFullError: all that is new together has no room.
    """
    uids = [each.uids.sop_instance_uid for each in received]
    held = store_many.list_held(work.session, institution_id=institution_id, uids=uids)
    times = Counter(uids)
    new = [
        at
        for at, each in enumerate(received)
        if each.indexed is not None and uids[at] not in held and times[uids[at]] == 1
    ]
    stored = _store_all(work, [received[at] for at in new], institution_id=institution_id)
    came = {"way": way, "source": source}
    work.journal(*(ingest.entry_stored(each, case_id=None, **came) for each in stored))
    for instance in stored:
        want_comparing(work, instance)
    filed = {
        at: Ingested(Verdict.STORED, instance) for at, instance in zip(new, stored, strict=True)
    }
    for at, each in enumerate(received):
        if at not in filed:
            filed[at] = ingest.receive(
                work, each, institution_id=institution_id, way=way, source=source
            )
    return [filed[at] for at in range(len(received))]


def list_not_looked_at(work: Work, *, limit: int) -> dict[str, Instance]:
    """Objects whose picture is to be looked at, the oldest first."""
    ids = store_many.list_not_looked_at(work.session, limit=limit)
    return store.list_instances(work, ids)


def keep_look(
    work: Work,
    instance: Instance,
    told: Description,
    *,
    pictures: Mapping[Part, BlobRef],
    indexed: Indexed | None,
    case_id: str | None = None,
) -> None:
    """Keep what the jail saw in an object that was filed by its head; its case, if it has one.

    Whoever is second changes nothing, and its pictures go.
    """
    if not store_many.save_look(work.session, instance.id, told):
        drop_blobs(work, [blob.key for blob in pictures.values()])
        return
    size_bytes = sum(blob.size_bytes for blob in pictures.values())
    quotas.count(work, instance.institution_id, size_bytes=size_bytes)
    store_many.save_pictures(work.session, instance.id, pictures)
    if indexed is not None:
        index.keep_index(work, instance.id, indexed, made_from=instance.original.key)
    want_comparing(work, replace(instance, description=told))
    codes = {"study": instance.study_id, "no_picture": told.picture_reason}
    work.journal(
        Entry(
            "image.looked_at",
            "instance",
            instance.id,
            codes=codes,
            case_id=case_id,
            patient_id=instance.known_patient_id,
        )
    )


def _store_all(
    work: Work, received: Sequence[Received], *, institution_id: InstitutionId
) -> list[Instance]:
    if not received:
        return []
    size_bytes = sum(each.size_bytes for each in received)
    quotas.charge(work, institution_id, size_bytes=size_bytes, instances=len(received))
    places = _Places(work, institution_id)
    stored = [_instance_of(work, each, places, institution_id) for each in received]
    rows = [
        store_many.row_of(
            each,
            work.vault,
            of=(instance.id, institution_id, places.of(each).series_id),
            at=work.now,
        )
        for each, instance in zip(received, stored, strict=True)
    ]
    blobs = [row for each in stored for row in store_many.blob_rows_of(each.id, each.blobs)]
    store_many.save_instances(work.session, rows, blobs)
    index.keep_new(
        work,
        [
            index.NewlyFiled(
                instance.id, places.of(each), institution_id, instance.original.key, each.indexed
            )
            for each, instance in zip(received, stored, strict=True)
            if each.indexed is not None
        ],
    )
    return stored


def _instance_of(
    work: Work, received: Received, places: "_Places", institution_id: InstitutionId
) -> Instance:
    return Instance(
        id=InstanceId(new_id()),
        institution_id=institution_id,
        patient_id=NOBODY_YET,
        study_id=StudyId(places.of(received).study_id),
        uids=received.uids,
        source_sha256=received.source_sha256,
        description=received.description,
        blobs=received.blobs,
        received_at=work.now,
    )


class _Places:
    """Study and series of each object, asked once in a unit and opened where they are new."""

    def __init__(self, work: Work, institution_id: InstitutionId) -> None:
        self._work, self._institution_id = work, institution_id
        self._known: dict[tuple[str, str], Place] = {}

    def of(self, received: Received) -> Place:
        """The ids of its study and series."""
        uids = received.uids
        key = (uids.study_instance_uid, uids.series_instance_uid)
        if key not in self._known:
            self._known[key] = self._find(received)
        return self._known[key]

    def _find(self, received: Received) -> Place:
        session, uids = self._work.session, received.uids
        found = store_many.find_place(session, institution_id=self._institution_id, uids=uids)
        if found is not None:
            return found
        opened = ingest.find_or_open(
            self._work,
            uids,
            institution_id=self._institution_id,
            patient_id=NOBODY_YET,
            modality=received.description.modality,
        )
        found = store_many.find_place(session, institution_id=self._institution_id, uids=uids)
        return found or Place(*opened)

"""Giving objects out as they are stored: a study, a series, an instance (PS3.18 10.4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.db.reading import require_short
from consult.kernel.errors import Fact
from consult.kernel.ids import PatientId
from consult.kernel.work import Entry, Work
from consult.studies import retrieval_store, store
from consult.studies.errors import InstanceNotFoundError
from consult.studies.index import store as index_store
from consult.studies.index.service import METADATA_PURPOSE
from consult.studies.model import Instance, Origin
from imaging.places import Places

MOST_AT_ONCE: Final = 20_000
_MOST_LISTED_AT_ONCE: Final = 64
_MOST_PACKED_AT_ONCE: Final = 1 << 15


@dataclass(frozen=True, slots=True)
class Described:
    """An instance and its packed metadata; None where they must be taken from its bytes."""

    instance: Instance
    metadata: bytes | None


def list_instances_of(
    work: Work, *, institution_id: str, study_uid: str, series_uid: str | None = None
) -> list[Instance]:
    """What the actor may see of a study or series; "not yours" looks like "not there".

    Raises InstanceNotFoundError: nothing of it.
    """
    ids = retrieval_store.list_ids(
        work,
        institution_id=institution_id,
        study_uid=study_uid,
        series_uid=series_uid,
        limit=MOST_AT_ONCE,
    )
    if not ids:
        raise InstanceNotFoundError
    require_short(work.session, len(ids), most=_MOST_LISTED_AT_ONCE)
    listed = store.list_instances(work, ids)
    found = _readable(work, [listed[each] for each in ids])
    if not found:
        raise InstanceNotFoundError
    return found


def _readable(work: Work, found: Sequence[Instance]) -> list[Instance]:
    """Without what a report left in a study that is open to the actor for its pictures alone."""
    left = {each.study_id for each in found if each.description.origin is Origin.REPORT}
    shut = {
        each
        for each in left
        if not policy.sees_more_than_pictures(work, Ref(ObjectType.STUDY, each))
    }
    return [
        each
        for each in found
        if each.description.origin is not Origin.REPORT or each.study_id not in shut
    ]


def describe_all(work: Work, instances: Sequence[Instance]) -> list[Described]:
    """The kept metadata of instances that the actor may see."""
    kept = index_store.list_metadata(work.session, [each.id for each in instances])
    size = sum(len(packed or b"") for _, packed in kept.values())
    require_short(work.session, size, most=_MOST_PACKED_AT_ONCE)
    return [Described(each, _metadata(work, each, kept.get(each.id))) for each in instances]


def find_places(work: Work, instance: Instance) -> Places | None:
    """Where the frames of an object that the actor may see lie in its stored bytes, if known."""
    found = index_store.find_places(work.session, instance.id)
    if found is None or found[0] != instance.original.key:
        return None
    return found[1]


def _metadata(
    work: Work, instance: Instance, kept: tuple[str, bytes | None] | None
) -> bytes | None:
    if kept is None or kept[1] is None or kept[0] != instance.original.key:
        return None
    return work.vault.open_bytes(kept[1], purpose=METADATA_PURPOSE)


def record_retrieval(work: Work, instances: Sequence[Instance]) -> None:
    """Write down that originals are given out, a line a study (and so a patient)."""
    by_study: dict[str, list[Instance]] = {}
    for each in instances:
        by_study.setdefault(each.study_id, []).append(each)
    for study_id, some in by_study.items():
        size = sum(each.original.size_bytes for each in some)
        codes: dict[str, Fact] = {
            "instances": len(some),
            "bytes": size,
        }
        if len(some) == 1:
            codes |= {"instance": some[0].id}
        work.journal(
            Entry(
                "study.retrieved",
                ObjectType.STUDY,
                study_id,
                codes=codes,
                patient_id=some[0].known_patient_id,
            )
        )


@dataclass(frozen=True, slots=True)
class MoreTaken:
    """What a machine took of one study within seconds of an entry that stands already."""

    study_id: str
    patient_id: PatientId | None
    instances: int
    answers: int
    size_bytes: int


def record_more(work: Work, more: MoreTaken) -> None:
    """Write down how much more it was."""
    work.journal(
        Entry(
            "study.retrieved",
            ObjectType.STUDY,
            more.study_id,
            codes={
                "instances": more.instances,
                "answers": more.answers,
                "bytes": more.size_bytes,
            },
            patient_id=more.patient_id,
        )
    )

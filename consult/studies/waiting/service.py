"""What came in without a case: shown to its institution until a person says whose it is (U1)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.kernel.work import Work
from consult.studies import store as studies
from consult.studies.index.model import text_in
from consult.studies.index.service import STUDY_PURPOSE
from consult.studies.model import Instance
from consult.studies.waiting import store
from consult.studies.waiting.errors import StudyTakenError, StudyTooLargeError
from imaging.index import STUDY

MOST_LISTED = 100
MOST_AT_ONCE = 500
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class WaitingStudy:
    """A study that is nobody's yet; `named_*` and `accession` are what its header says."""

    id: str
    study_instance_uid: str
    count: int
    received_at: datetime
    study_on: str
    accession: str
    named_name: str = field(repr=False)
    named_number: str = field(repr=False)
    shown: Sequence[Instance] = ()


def list_waiting(work: Work) -> list[WaitingStudy]:
    """The studies of the actor's institution that wait, the newest first."""
    found = store.list_waiting(work.session, work.actor.institution, limit=MOST_LISTED)
    return [_as_waiting(work, each, shown=_shown(work, each[0].id)) for each in found]


def take_waiting(work: Work, study_id: str) -> list[Instance]:
    """The objects of a study that waits here, all of them; it is never split.

    Raises StudyTakenError where none does, and StudyTooLargeError.
    """
    ids = store.list_instance_ids(
        work.session, work.actor.institution, study_id, limit=MOST_AT_ONCE + 1
    )
    if not ids:
        raise StudyTakenError
    if len(ids) > MOST_AT_ONCE:
        raise StudyTooLargeError(MOST_AT_ONCE)
    policy.require_own(work, Ref(ObjectType.STUDY, study_id))
    found = studies.list_instances(work, ids)
    return [found[each] for each in ids]


def _shown(work: Work, study_id: str) -> list[Instance]:
    ids = store.list_instance_ids(work.session, work.actor.institution, study_id, limit=_SHOWN)
    found = studies.list_instances(work, ids)
    return [found[each] for each in ids]


def _as_waiting(work: Work, found: store.Waiting, *, shown: Sequence[Instance]) -> WaitingStudy:
    study, index, count, newest = found
    told = (
        {}
        if index is None
        else json.loads(work.vault.open(index.told_sealed, purpose=STUDY_PURPOSE))
    )
    texts = {keyword: text_in(told, tag) for keyword, tag in STUDY.items()}
    return WaitingStudy(
        id=study.id,
        study_instance_uid=study.study_instance_uid,
        count=count,
        received_at=newest,
        study_on=texts["StudyDate"],
        accession=texts["AccessionNumber"],
        named_name=texts["PatientName"],
        named_number=texts["PatientID"],
        shown=shown,
    )

"""What came in without a case: shown to its institution until a person says whose it is (U1)."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Entry, Work
from consult.studies import store as studies
from consult.studies.index.model import text_in
from consult.studies.index.names import folded
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


@dataclass(frozen=True, slots=True)
class PutAside:
    """A study that was sent in error, and who says so."""

    study: WaitingStudy
    put_at: datetime
    put_by: PractitionerId
    reason: str = field(repr=False)


def list_waiting(work: Work, *, page: int = 1) -> tuple[list[WaitingStudy], bool]:
    """A page of what waits at the actor's institution, the newest first, and whether more does."""
    found = store.list_waiting(
        work.session,
        work.actor.institution,
        limit=MOST_LISTED + 1,
        asked=store.Asked(offset=(page - 1) * MOST_LISTED),
    )
    return _all_shown(work, found[:MOST_LISTED]), len(found) > MOST_LISTED


def list_naming(work: Work, *, accession: str, names: Collection[str]) -> list[WaitingStudy]:
    """Those whose header has this number or one of these names; a name alone proves nothing."""
    asked = store.Asked(naming=(accession, sorted(map(folded, names))))
    found = store.list_waiting(work.session, work.actor.institution, limit=MOST_LISTED, asked=asked)
    return _all_shown(work, found)


def _all_shown(work: Work, found: Sequence[store.Waiting]) -> list[WaitingStudy]:
    return [_as_waiting(work, each, shown=_shown(work, each[0].id)) for each in found]


def list_aside(work: Work) -> list[PutAside]:
    """Those that somebody put aside, the newest first."""
    asked = store.Asked(is_aside=True)
    rows = store.list_waiting(work.session, work.actor.institution, limit=MOST_LISTED, asked=asked)
    why = store.find_aside(work.session, {row[0].id for row in rows})
    return [
        PutAside(
            _as_waiting(work, each, shown=()), said.put_at, PractitionerId(said.put_by), said.reason
        )
        for each in rows
        if (said := why.get(each[0].id)) is not None
    ]


def put_aside(work: Work, *, study_id: str, reason: str) -> None:
    """A study was sent in error: it waits no more, and can be taken back; nothing is deleted.

    Raises StudyTakenError where none waits here, or somebody was first.
    """
    _require_waiting(work, study_id)
    if not store.save_aside(
        work.session, study_id, at=work.now, by=work.actor.person, reason=reason
    ):
        raise StudyTakenError
    words = {"reason": reason}
    work.journal(Entry("study.put_aside", ObjectType.STUDY, study_id, words=words))


def take_back(work: Work, *, study_id: str) -> None:
    """It waits again; raises StudyTakenError where it was not put aside here."""
    _require_waiting(work, study_id)
    if not store.delete_aside(work.session, study_id):
        raise StudyTakenError
    work.journal(Entry("study.taken_back", ObjectType.STUDY, study_id))


def take_waiting(work: Work, study_id: str) -> list[Instance]:
    """The objects of a study that waits here, all of them; it is never split.

    Raises StudyTakenError where none does or it was put aside, and StudyTooLargeError.
    """
    if store.find_aside(work.session, {study_id}):
        raise StudyTakenError
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


def _require_waiting(work: Work, study_id: str) -> None:
    """Raises StudyTakenError unless it is the institution's, and nobody's."""
    if not store.list_instance_ids(work.session, work.actor.institution, study_id, limit=1):
        raise StudyTakenError
    policy.require_own(work, Ref(ObjectType.STUDY, study_id))


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

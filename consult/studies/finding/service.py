"""Answering questions about stored studies: only what the asking institution may see."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from consult.access import policy
from consult.access.model import ObjectType
from consult.kernel.errors import Fact
from consult.kernel.work import Entry, Work
from consult.studies.finding import store
from consult.studies.finding.clauses import Keys
from consult.studies.finding.errors import TooWideError
from consult.studies.finding.model import Found, Level, Match, Question
from consult.studies.index.model import text_in
from consult.studies.index.names import folded
from consult.studies.index.service import (
    NUMBER_PURPOSE,
    SERIES_PURPOSE,
    STUDY_PURPOSE,
)
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow
from imaging.index import SERIES, STUDY

_AT_ONCE = 500
_Studies = Sequence[tuple[StudyRow, StudyIndexRow]]


def find(work: Work, question: Question, *, limit: int) -> list[Match]:
    """What matches, at most `limit`.

    Raises TooWideError where more was met on the way: what is told is always the whole of it.
    """
    found = _find(work, question, limit=limit)
    if len(found) > limit:
        raise TooWideError
    return found


def _find(work: Work, question: Question, *, limit: int) -> list[Match]:
    studies = _studies(work, question, limit=limit)
    if question.level is Level.PATIENT:
        return _patients(work, studies)
    if question.level is Level.STUDY:
        return _as_studies(work, studies)
    known = {study.id: (study, index) for study, index in studies}
    if question.level is Level.SERIES:
        series = store.list_series(work.session, list(known), question, limit=limit + 1)
        counts = store.count_series(work.session, [row.id for row, _ in series])
        return [_of_series(work, known, *each, counts) for each in series]
    instances = store.list_instances(work.session, list(known), question, limit=limit + 1)
    return [_of_instance(work, known, *each) for each in instances]


def list_retrievable(work: Work, question: Question, *, limit: int) -> list[Found]:
    """Which objects a retrieval names, at most `limit`; raises TooWideError where it is more."""
    studies = [study.id for study, _ in _studies(work, question, limit=limit)]
    rows = store.list_instances(work.session, studies, question, limit=limit + 1)
    if len(rows) > limit:
        raise TooWideError
    return [
        Found(
            row.id,
            series.study_id,
            row.sop_class_uid,
            row.sop_instance_uid,
            row.transfer_syntax_uid,
        )
        for row, series, _ in rows
    ]


def note_retrieval(work: Work, found: Sequence[Found], *, peer: str) -> None:
    """Write down what leaves the house, one line a study."""
    for study_id, count in Counter(each.study_id for each in found).items():
        study = work.session.get(StudyRow, study_id)
        patient_id = None if study is None else study.patient_id or None
        codes: dict[str, Fact] = {"peer": peer, "instances": count}
        work.journal(
            Entry("study.sent", ObjectType.STUDY, study_id, codes=codes, patient_id=patient_id)
        )


def list_stored(work: Work, asked: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these objects (class, instance) the actor's institution holds."""
    found: set[tuple[str, str]] = set()
    for start in range(0, len(asked), _AT_ONCE):
        uids = [uid for _, uid in asked[start : start + _AT_ONCE]]
        found |= store.list_stored(work.session, institution_id=work.actor.institution, uids=uids)
    return found & set(asked)


def _studies(work: Work, question: Question, *, limit: int) -> _Studies:
    """A name is matched in any of its writings, whatever its case."""
    keys = Keys(
        institution_id=work.actor.institution,
        seen=policy.seen_clause(work, ObjectType.STUDY, StudyRow.id),
        number_hash=work.vault.blind(question.patient_number, purpose=NUMBER_PURPOSE),
        person=_name_in(question.patient_name),
        referring=_name_in(question.referring),
        description=folded(question.description),
    )
    found = store.list_studies(work.session, question, keys, limit=limit + 1)
    if len(found) > limit:
        raise TooWideError
    return found


def _name_in(text: str) -> str:
    name = folded(text.strip("=")).rstrip("^ ")
    return "" if name == "*" else name


def _patients(work: Work, studies: _Studies) -> list[Match]:
    found: dict[tuple[str, str], Match] = {}
    for study, index in studies:
        values = _told_of_study(work, index)
        person = {key: text for key, text in values.items() if key.startswith("Patient")}
        found.setdefault((study.institution_id, index.patient_hash), Match(person))
    return list(found.values())


def _as_studies(work: Work, studies: _Studies) -> list[Match]:
    ids = [study.id for study, _ in studies]
    counts = store.count_studies(work.session, ids)
    modalities = store.list_modalities(work.session, ids)
    found = []
    for study, index in studies:
        series, instances = counts.get(study.id, (0, 0))
        more = {
            "ModalitiesInStudy": "\\".join(modalities.get(study.id, [])),
            "NumberOfStudyRelatedSeries": str(series),
            "NumberOfStudyRelatedInstances": str(instances),
            "StudyInstanceUID": study.study_instance_uid,
        }
        found.append(Match({**_told_of_study(work, index), **more}))
    return found


def _of_series(
    work: Work,
    known: Mapping[str, tuple[StudyRow, StudyIndexRow]],
    series: SeriesRow,
    index: SeriesIndexRow | None,
    counts: Mapping[str, int],
) -> Match:
    study, study_index = known[series.study_id]
    told = {} if index is None else _open(work, index.told_sealed, SERIES_PURPOSE)
    texts = {keyword: text_in(told, tag) for keyword, tag in SERIES.items()}
    more = {
        "StudyInstanceUID": study.study_instance_uid,
        "SeriesInstanceUID": series.series_instance_uid,
        "Modality": series.modality,
        "NumberOfSeriesRelatedInstances": str(counts.get(series.id, 0)),
    }
    return Match({**_told_of_study(work, study_index), **texts, **more})


def _of_instance(
    work: Work,
    known: Mapping[str, tuple[StudyRow, StudyIndexRow]],
    row: InstanceRow,
    series: SeriesRow,
    index: InstanceIndexRow | None,
) -> Match:
    study, study_index = known[series.study_id]
    more = {
        "StudyInstanceUID": study.study_instance_uid,
        "SeriesInstanceUID": series.series_instance_uid,
        "Modality": series.modality,
        "SOPClassUID": row.sop_class_uid,
        "SOPInstanceUID": row.sop_instance_uid,
        "NumberOfFrames": str(row.frames),
        "Rows": "" if row.rows is None else str(row.rows),
        "Columns": "" if row.columns is None else str(row.columns),
        "InstanceNumber": "" if index is None or index.number is None else str(index.number),
    }
    return Match({**_told_of_study(work, study_index), **more})


def _told_of_study(work: Work, index: StudyIndexRow) -> dict[str, str]:
    told = _open(work, index.told_sealed, STUDY_PURPOSE)
    return {keyword: text_in(told, tag) for keyword, tag in STUDY.items()}


def _open(work: Work, sealed: bytes, purpose: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(work.vault.open(sealed, purpose=purpose))
    return told

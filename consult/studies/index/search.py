"""Searching the index: bounded, newest first, and only what the actor may see."""

import enum
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from consult.access import policy
from consult.access.model import ObjectType
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.studies.index import search_store as store
from consult.studies.index.matching import Clause, clause_of, is_narrow
from consult.studies.index.requests import find_series, requested_in
from consult.studies.index.search_store import Hit, Wanted
from consult.studies.index.service import INSTANCE_PURPOSE, SERIES_PURPOSE, STUDY_PURPOSE
from consult.studies.index.tables import StudyIndexRow
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow
from imaging.index import INSTANCE, REQUESTED, SERIES, STUDY

MOST_FOUND: Final = 1000
FURTHEST: Final = 100_000


class Level(enum.StrEnum):
    """What is searched for."""

    STUDY = "study"
    SERIES = "series"
    INSTANCE = "instance"


_KEYS: Final[Mapping[Level, frozenset[str]]] = {
    Level.STUDY: frozenset({*STUDY, "ModalitiesInStudy"}),
    Level.SERIES: frozenset({*STUDY, *SERIES, "ModalitiesInStudy"}),
    Level.INSTANCE: frozenset({*STUDY, *SERIES, *INSTANCE, "ModalitiesInStudy"}),
}


@dataclass(frozen=True, slots=True)
class Search:
    """One question; `keys` are keywords of the standard with their values."""

    level: Level
    institution_id: str
    keys: Sequence[tuple[str, str]] = field(default=(), repr=False)
    fuzzy: bool = False
    limit: int = MOST_FOUND
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """One result: its attributes as DICOM JSON, and what the index counts."""

    attributes: dict[str, Any] = field(repr=False)
    study_uid: str
    series_uid: str | None = None
    sop_uid: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What was found, whether there is more, and the keys that are not matched here."""

    found: list[Found]
    has_more: bool
    unmatched: list[str]


def search(work: Work, question: Search) -> Page:
    """Answer one question.

    Raises RefusedError: a value is malformed, or the question leaves too much to look through.
    """
    if not 0 <= question.offset <= FURTHEST:
        raise RefusedError("search-key-malformed", field="offset")
    clauses = [
        StudyRow.institution_id == question.institution_id,
        StudyIndexRow.institution_id == question.institution_id,
        policy.seen_clause(work, ObjectType.STUDY, StudyRow.id),
    ]
    asked, unmatched = _matched(work, question)
    requested = requested_in(question.keys) if question.level is not Level.STUDY else None
    if requested is not None:
        above = [clause for keyword, clause in asked if keyword not in INSTANCE]
        clauses.append(SeriesRow.id.in_(find_series(work, requested, [*clauses, *above])))
    clauses += [clause for _, clause in asked]
    if question.level is Level.INSTANCE and any(
        keyword == "SOPInstanceUID" and value for keyword, value in question.keys
    ):
        clauses.append(InstanceRow.institution_id == question.institution_id)
    limit = min(question.limit, MOST_FOUND)
    narrow = any(is_narrow(*key) for key in question.keys)
    wanted = Wanted(clauses, question.offset, limit + 1, is_narrow=narrow)
    hits = _find(work, question.level, wanted)
    found = _tell(work, question.level, hits[:limit])
    return Page(found, len(hits) > limit, unmatched)


def _matched(work: Work, question: Search) -> tuple[list[tuple[str, Clause]], list[str]]:
    """The keys that are columns with their clauses, and those that are not matched at all."""
    asked, unmatched = [], []
    for keyword, value in question.keys:
        clause = None
        if keyword in _KEYS[question.level]:
            clause = clause_of(keyword, value, fuzzy=question.fuzzy, vault=work.vault)
        if clause is not None:
            asked.append((keyword, clause))
        elif question.level is Level.STUDY or keyword not in REQUESTED:
            unmatched.append(keyword)
    return asked, unmatched


def _find(work: Work, level: Level, wanted: Wanted) -> list[Hit]:
    if level is Level.STUDY:
        return store.find_studies(work.session, wanted)
    if level is Level.SERIES:
        return store.find_series(work.session, wanted)
    return store.find_instances(work.session, wanted)


def _tell(work: Work, level: Level, hits: Sequence[Hit]) -> list[Found]:
    counted = store.count(work.session, {hit.study_id for hit in hits})
    return [_as_found(work, level, hit, counted) for hit in hits]


def _as_found(work: Work, level: Level, hit: Hit, counted: store.Counted) -> Found:
    told = _opened(work, hit.study_told, STUDY_PURPOSE)
    told |= {
        "0020000D": _value("UI", hit.study_uid),
        "00080056": _value("CS", "ONLINE"),
        "00080061": {"vr": "CS", "Value": sorted(counted.modalities(hit.study_id))},
        "00201206": _value("IS", counted.series(hit.study_id)),
        "00201208": _value("IS", counted.instances(hit.study_id)),
    }
    if level is not Level.STUDY and hit.series_told is not None:
        told |= _opened(work, hit.series_told, SERIES_PURPOSE)
    if hit.series_id is not None:
        told |= {
            "00080060": _value("CS", hit.modality),
            "0020000E": _value("UI", hit.series_uid),
            "00201209": _value("IS", counted.in_series(hit.series_id)),
        }
    if level is Level.INSTANCE and hit.instance_told is not None:
        told |= _opened(work, hit.instance_told, INSTANCE_PURPOSE)
        told |= {"00080018": _value("UI", hit.sop_uid)}
    return Found(told, hit.study_uid, hit.series_uid, hit.sop_uid)


def _opened(work: Work, sealed: bytes, purpose: str) -> dict[str, Any]:
    return dict(json.loads(work.vault.open(sealed, purpose=purpose)))


def _value(vr: str, value: str | int | None) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}

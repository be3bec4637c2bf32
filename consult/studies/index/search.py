"""Searching the index: bounded, newest first, and only what the actor may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from consult.access import policy
from consult.db.lists import named
from consult.db.reading import require_short
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.studies.index import search_store as store
from consult.studies.index.clauses import word_of
from consult.studies.index.matching import Condition, conditions_of, is_narrow, one_of
from consult.studies.index.model import Level
from consult.studies.index.requests import (
    MOST_LOOKED_THROUGH,
    Requested,
    find_series,
    requested_in,
)
from consult.studies.index.search_store import Hit, Wanted
from consult.studies.index.service import INSTANCE_PURPOSE, SERIES_PURPOSE, STUDY_PURPOSE
from consult.studies.index.telling import Told, attribute, opened
from imaging.index import INSTANCE, REQUESTED, SERIES, STUDY

MOST_FOUND: Final = 1000
FURTHEST: Final = 100_000
_MOST_AT_ONCE: Final = 50
Asked = list[tuple[str, Condition]]
_BY_INDEX: Final = frozenset({"StudyDate"})

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

    attributes: Told = field(repr=False)
    study_uid: str
    series_uid: str | None = None
    sop_uid: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What was found, whether there is more, and the keys that are not matched here."""

    found: list[Found]
    has_more: bool
    unmatched: list[str]


def is_short(question: Search) -> bool:
    """Whether it is found by an index and told in a moment, as far as can be seen beforehand."""
    if any(is_narrow(*key) for key in question.keys):
        return True
    return question.limit <= _MOST_AT_ONCE and all(key in _BY_INDEX for key, _ in question.keys)


def search(work: Work, question: Search) -> Page:
    """Answer one question.

    Raises RefusedError: a value is malformed, or the question leaves too much to look through.
    """
    if not 0 <= question.offset <= FURTHEST:
        raise RefusedError("search-key-malformed", field="offset")
    asked, unmatched = _matched(work, question)
    requested = requested_in(question.keys) if question.level is not Level.STUDY else None
    if requested is not None:
        series = _requested(work, question, requested, asked)
        if not series:
            return Page([], has_more=False, unmatched=unmatched)
        asked = [*asked, ("", one_of("series_id", series))]
    limit = min(question.limit, MOST_FOUND)
    hits = store.find(work.session, _wanted(work, question, asked, limit + 1))
    require_short(work.session, len(hits), most=_MOST_AT_ONCE + 1)
    has_more, hits = len(hits) > limit, hits[:limit]
    counted = store.count(work.session, hits)
    found = [_as_found(work, question.level, hit, counted) for hit in hits]
    return Page(found, has_more, unmatched)


def _matched(work: Work, question: Search) -> tuple[Asked, list[str]]:
    """The keys that are columns with their conditions, and those that are not matched at all."""
    asked: Asked = []
    unmatched = []
    for keyword, value in question.keys:
        conditions = None
        if keyword in _KEYS[question.level]:
            conditions = conditions_of(keyword, value, fuzzy=question.fuzzy, vault=work.vault)
        if conditions is not None:
            asked += [(keyword, each) for each in conditions]
        elif question.level is Level.STUDY or keyword not in REQUESTED:
            unmatched.append(keyword)
    return asked, unmatched


def _requested(work: Work, question: Search, requested: Requested, asked: Asked) -> list[str]:
    """The series that were requested so, among those that the other keys leave."""
    require_short(work.session, 1, most=0)
    above = [(keyword, each) for keyword, each in asked if keyword not in INSTANCE]
    everything = replace(question, offset=0)
    wanted = _wanted(work, everything, above, MOST_LOOKED_THROUGH + 1)
    return find_series(work, requested, wanted)


def _wanted(work: Work, question: Search, asked: Asked, limit: int) -> Wanted:
    parties, values = policy.seers(work)
    values |= {"institution": question.institution_id, "limit": limit, "offset": question.offset}
    for place, (_, each) in enumerate(asked):
        values |= named(word_of(place), each.values)
    return Wanted(
        question.level,
        tuple((each.column, each.how, len(each.values)) for _, each in asked),
        parties,
        any(is_narrow(*key) for key in question.keys),
        values,
    )


def _as_found(work: Work, level: Level, hit: Hit, counted: store.Counted) -> Found:
    told = dict(opened(work.vault, hit.study_told, STUDY_PURPOSE))
    told["0020000D"] = attribute("UI", hit.study_uid)
    told["00080056"] = attribute("CS", "ONLINE")
    told["00080061"] = attribute("CS", *sorted(counted.modalities(hit.study_id)))
    told["00201206"] = attribute("IS", counted.series(hit.study_id))
    told["00201208"] = attribute("IS", counted.instances(hit.study_id))
    if level is Level.STUDY:
        return Found(told, hit.study_uid)
    if hit.series_told is not None:
        told |= opened(work.vault, hit.series_told, SERIES_PURPOSE)
    told["00080060"] = attribute("CS", hit.modality)
    told["0020000E"] = attribute("UI", hit.series_uid)
    told["00201209"] = attribute("IS", counted.in_series(str(hit.series_id)))
    if hit.instance_told is not None:
        told |= opened(work.vault, hit.instance_told, INSTANCE_PURPOSE)
        told["00080018"] = attribute("UI", hit.sop_uid)
    return Found(told, hit.study_uid, hit.series_uid, hit.sop_uid)

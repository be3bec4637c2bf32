"""Searches by QIDO-RS (PS3.18 10.6): what the caller may see of one custodian's objects."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from aiohttp import web

from consult.access.model import Action
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.people.machines.model import Right
from consult.studies.index import search as index
from consult.studies.index.search import MOST_FOUND, Found, Level, Page, Search
from imaging.index import COUNTED, INSTANCE, REQUESTED, SERIES, STUDY, TAGS
from server.dicomweb.addresses import (
    IN_SERIES,
    OF_INSTITUTION,
    ROOT,
    code_in,
    find_uid,
    institution_of,
    root_of,
    series_address,
    study_address,
)
from server.dicomweb.errors import MalformedError, speaks_dicomweb
from server.dicomweb.json_answers import json_answer, require_json
from server.doors import Routes
from server.imagery import IMAGERY
from server.requests import signed_in
from server.transactions import in_read

routes = Routes("qido")
_OPTIONS: Final = {
    "action": Action.SEE_IMAGE,
    "needs": (Action.SEE_NAME,),
    "right": Right.SEARCH_IMAGES,
}
_IN_STUDY: Final = "studies/{study}"
_NUMBER: Final = re.compile(r"[0-9]{1,6}")
_KEYWORDS: Final = {tag: keyword for keyword, tag in TAGS.items()} | {
    tag: keyword.rpartition(".")[2] for keyword, tag in REQUESTED.items()
}
_OWN: Final = frozenset({"limit", "offset", "fuzzymatching", "includefield", "accept"})
_LONGEST_VALUE: Final = 4096
_Tags = frozenset[str]
_ALWAYS: Final[Mapping[Level, frozenset[str]]] = {
    Level.STUDY: frozenset({*STUDY.values(), *COUNTED.values()}) - {"00081030", "00201209"},
    Level.SERIES: frozenset({*SERIES.values(), "00081190", "00080201", "00201209", "0020000D"})
    - {"00180015", "00200060"},
    Level.INSTANCE: frozenset(
        {*INSTANCE.values(), "00081190", "00080201", "00080056", "0020000D", "0020000E"}
    )
    - {"00200062"},
}
"""What is told without being asked for (PS3.18 tables 10.6.3-3 to -5)."""
_EVEN_EMPTY: Final[Mapping[Level, Mapping[str, Mapping[str, str]]]] = {
    Level.STUDY: {
        "00080020": {"vr": "DA"},
        "00080030": {"vr": "TM"},
        "00080050": {"vr": "SH"},
        "00080090": {"vr": "PN"},
        "00100010": {"vr": "PN"},
        "00100020": {"vr": "LO"},
        "00100030": {"vr": "DA"},
        "00100040": {"vr": "CS"},
        "00200010": {"vr": "SH"},
    },
    Level.SERIES: {"00200011": {"vr": "IS"}},
    Level.INSTANCE: {"00200013": {"vr": "IS"}},
}
"""What the same tables tell without a condition: where nothing is known, without a value."""


@routes.get(f"{ROOT}/studies", name="qido.studies_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/studies", **_OPTIONS)
@speaks_dicomweb
async def studies(request: web.Request) -> web.StreamResponse:
    """Studies."""
    return await _search(request, Level.STUDY)


@routes.get(f"{ROOT}/series", name="qido.all_series_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/series", name="qido.all_series", **_OPTIONS)
@routes.get(f"{ROOT}/{_IN_STUDY}/series", name="qido.series_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/{_IN_STUDY}/series", **_OPTIONS)
@speaks_dicomweb
async def series(request: web.Request) -> web.StreamResponse:
    """Series, of one study or of all."""
    return await _search(request, Level.SERIES)


@routes.get(f"{ROOT}/instances", name="qido.all_instances_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/instances", name="qido.all_instances", **_OPTIONS)
@routes.get(f"{ROOT}/{_IN_STUDY}/instances", name="qido.study_instances_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/{_IN_STUDY}/instances", name="qido.study_instances", **_OPTIONS)
@routes.get(f"{ROOT}/{IN_SERIES}/instances", name="qido.instances_acting", **_OPTIONS)
@routes.get(f"{OF_INSTITUTION}/{IN_SERIES}/instances", **_OPTIONS)
@speaks_dicomweb
async def instances(request: web.Request) -> web.StreamResponse:
    """Objects, of one series, of one study or of all."""
    return await _search(request, Level.INSTANCE)


async def _search(request: web.Request, level: Level) -> web.StreamResponse:
    require_json(request)
    asked, unknown = _keys_in(request)
    try:
        page = await in_read(request, _ask, code=code_in(request), level=level, asked=asked)
    except RefusedError as error:
        raise MalformedError(error.code) from None
    request.app[IMAGERY].searches.note(
        signed_in(request).actor, way="qido", level=level, found=len(page.found)
    )
    warnings = []
    if page.has_more:
        warnings.append("There are additional results that can be requested")
    if unknown or page.unmatched:
        names = ", ".join(sorted({*unknown, *page.unmatched}))
        warnings.append(f"The following are not supported and were ignored: {names}")
    root = root_of(request)
    levels = _levels_of(request, level)
    empty = {tag: element for each in levels for tag, element in _EVEN_EMPTY[each].items()}
    wanted = _wanted(request, levels, [keyword for keyword, _ in asked["keys"]])
    told = [_told(each, root, empty, wanted) for each in page.found]
    headers = {"Warning": f'299 {request.host} "{". ".join(warnings)}"'} if warnings else {}
    return json_answer(told, headers=headers)


def _ask(work: Work, *, code: str, level: Level, asked: dict[str, Any]) -> Page:
    question = Search(level, institution_of(work, code).id, **asked)
    return index.search(work, question)


def _keys_in(request: web.Request) -> tuple[dict[str, Any], list[str]]:
    """The question's parameters, and the names of those that nobody knows."""
    keys = [
        (name, uid)
        for name, uid in (
            ("StudyInstanceUID", find_uid(request, "study")),
            ("SeriesInstanceUID", find_uid(request, "series")),
        )
        if uid is not None
    ]
    unknown = []
    for name, value in request.query.items():
        keyword = _keyword(name)
        if len(value) > _LONGEST_VALUE:
            raise MalformedError
        if keyword is not None:
            keys.append((keyword, value.strip()))
        elif name not in _OWN:
            unknown.append(_harmless(name))
    asked = {
        "keys": keys,
        "fuzzy": _flag(request, "fuzzymatching"),
        "limit": _number(request, "limit", MOST_FOUND),
        "offset": _number(request, "offset", 0),
    }
    return asked, unknown


def _keyword(name: str) -> str | None:
    """The keyword of an attribute, or of one in a sequence (PS3.18 8.3.4.1)."""
    if name in TAGS or name in REQUESTED:
        return name
    steps = [_KEYWORDS.get(step.upper(), step) for step in name.split(".", 2)]
    found = ".".join(steps)
    return found if found in TAGS or found in REQUESTED else None


def _harmless(name: str) -> str:
    """A name that may stand in a header."""
    return re.sub(r"[^0-9A-Za-z.]", "", name)[:64]


def _number(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, str(default))
    if _NUMBER.fullmatch(text) is None:
        raise MalformedError
    return int(text)


def _flag(request: web.Request, name: str) -> bool:
    text = request.query.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise MalformedError
    return text == "true"


def _levels_of(request: web.Request, level: Level) -> list[Level]:
    """The level that is asked for, and those above that the path leaves open (PS3.18 10.6.3.3)."""
    levels = [level]
    if level is not Level.STUDY and find_uid(request, "study") is None:
        levels.append(Level.STUDY)
    if level is Level.INSTANCE and find_uid(request, "series") is None:
        levels.append(Level.SERIES)
    return levels


def _wanted(request: web.Request, levels: Sequence[Level], asked: Sequence[str]) -> _Tags | None:
    """The tags that are told; None for all that the index has."""
    names = [part for text in request.query.getall("includefield", []) for part in text.split(",")]
    if "all" in names:
        return None
    included = {TAGS.get(name.strip(), name.strip().upper()) for name in names}
    included.update(TAGS[keyword] for keyword in asked if keyword in TAGS)
    return frozenset(included.union(*(_ALWAYS[level] for level in levels)))


def _told(
    found: Found, root: str, empty: Mapping[str, Any], wanted: _Tags | None
) -> dict[str, Any]:
    told = {**empty, **found.attributes}
    told["00081190"] = {"vr": "UR", "Value": [_address(found, root)]}
    if wanted is not None:
        told = {tag: value for tag, value in told.items() if tag in wanted}
    return dict(sorted(told.items()))


def _address(found: Found, root: str) -> str:
    if found.series_uid is None:
        return study_address(root, found.study_uid)
    series_place = series_address(root, found.study_uid, found.series_uid)
    return series_place if found.sop_uid is None else f"{series_place}/instances/{found.sop_uid}"

"""Searches by QIDO-RS (PS3.18 10.6): what the caller may see of one custodian's objects."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from consult.access.model import Action
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.people.machines.model import Right
from consult.studies.index import search as index
from consult.studies.index.model import Level
from consult.studies.index.search import MOST_FOUND, Found, Search
from consult.studies.index.telling import attribute, joined
from imaging.index import REQUESTED, TAGS
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
from server.dicomweb.json_answers import json_bytes, require_json
from server.dicomweb.told_form import ToldForm, form_of
from server.doors import Routes
from server.images.imagery import IMAGERY
from server.requests import signed_in
from server.transactions import in_glance, in_read

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


@dataclass(frozen=True, slots=True)
class _Answer:
    """The text of an answer, and what is said of it besides."""

    body: bytes = field(repr=False)
    found: int
    has_more: bool
    unmatched: list[str]


async def _search(request: web.Request, level: Level) -> web.StreamResponse:
    require_json(request)
    asked, unknown = _keys_in(request)
    form = form_of(request, level, [keyword for keyword, _ in asked["keys"]])
    try:
        ask = in_glance if index.is_short(Search(level, "", **asked)) else in_read
        answer = await ask(
            request,
            _ask,
            code=code_in(request),
            level=level,
            asked=asked,
            root=root_of(request),
            form=form,
        )
    except RefusedError as error:
        raise MalformedError(error.code) from None
    request.app[IMAGERY].searches.note(
        signed_in(request).actor, way="qido", level=level, found=answer.found
    )
    warnings = []
    if answer.has_more:
        warnings.append("There are additional results that can be requested")
    if unknown or answer.unmatched:
        names = ", ".join(sorted({*unknown, *answer.unmatched}))
        warnings.append(f"The following are not supported and were ignored: {names}")
    headers = {"Warning": f'299 {request.host} "{". ".join(warnings)}"'} if warnings else {}
    return json_bytes(answer.body, headers=headers)


def _ask(
    work: Work,
    *,
    code: str,
    level: Level,
    asked: dict[str, Any],
    root: str,
    form: ToldForm,
) -> _Answer:
    """Search, and write the answer where the search runs."""
    question = Search(level, institution_of(work, code).id, **asked)
    page = index.search(work, question)
    results = ",".join([_told(each, root, form) for each in page.found])
    return _Answer(f"[{results}]".encode(), len(page.found), page.has_more, page.unmatched)


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


def _told(found: Found, root: str, form: ToldForm) -> str:
    address = attribute("UR", _address(found, root))
    return joined({**form.empty, **found.attributes, "00081190": address}, form.tags)


def _address(found: Found, root: str) -> str:
    if found.series_uid is None:
        return study_address(root, found.study_uid)
    series_place = series_address(root, found.study_uid, found.series_uid)
    return series_place if found.sop_uid is None else f"{series_place}/instances/{found.sop_uid}"

"""Nonsense at every door that takes JSON: a clear sentence, and nothing happens.

Generated from the doors' own schemas, so that no field can be forgotten.
"""

import asyncio
import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import aiohttp
import pytest

from consult.kernel.errors import FormRefusedError
from server.doors import Door
from server.forms import parse_json
from tests.makers.asking import ask_raw, make_question, open_client
from tests.makers.matrix import all_doors, somebody
from tests.makers.nonsense import Nonsense, malformed, wrong_fields
from tests.makers.world_house import WorldHouse, open_world

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
AT_ONCE = 16
BODIES = [door for door in all_doors() if door.body is not None]
CLOSED = {"/api/setup"}
"""A door that is not there once somebody administers the house."""
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_INSIDE = re.compile(r"Traceback|File \"|site-packages|\.py\b|/srv|/home|/tmp|sqlite|psycopg")
_OBJECTS = {"report.object_filed", "report.objects_skipped", "image.stored"}
_BESIDE = {"report.paper_made", "images.searched", "study.retrieved"} | _OBJECTS
ALLOWED_KINDS = {"session.refused", "report.signature_refused"} | _BESIDE
"""What a refused request may leave behind: that it was refused; PDFs and the objects of reports are
made meanwhile, and what was asked for before is written down a moment after its answer."""


@pytest.fixture(scope="module")
def pestered(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house of its own, whose journal nobody else writes."""
    with open_world(tmp_path_factory.mktemp("pestered")) as opened:
        yield opened


@pytest.mark.parametrize("language", ["zh-Hans", "en"])
async def test_bytes_that_are_no_body_are_refused_with_a_sentence(
    pestered: WorldHouse, language: str
) -> None:
    tries = [(door, bad) for door in BODIES for bad in _malformed(pestered, door)]
    before = len(pestered.world.clinic.lines())
    wrong = await _try_all(pestered, tries, language)
    kinds = {line.kind for line in pestered.world.clinic.lines()[before:]}
    assert wrong == [], f"{len(wrong)} of {len(tries)}:\n" + "\n".join(wrong[:40])
    assert kinds <= ALLOWED_KINDS


async def test_a_field_of_the_wrong_kind_is_refused_and_named(pestered: WorldHouse) -> None:
    open_doors = [door for door in BODIES if door.path not in CLOSED]
    tries = [(door, bad) for door in open_doors for bad in _wrong_fields(pestered, door)]
    before = len(pestered.world.clinic.lines())
    wrong = await _try_all(pestered, tries, "zh-Hans")
    kinds = {line.kind for line in pestered.world.clinic.lines()[before:]}
    assert len(tries) > 1000
    assert wrong == [], f"{len(wrong)} of {len(tries)}:\n" + "\n".join(wrong[:60])
    assert kinds <= ALLOWED_KINDS


def test_a_field_of_a_door_that_is_closed_here_is_named_as_well(pestered: WorldHouse) -> None:
    closed = [door for door in BODIES if door.path in CLOSED]
    assert {door.path for door in closed} == CLOSED
    for door in closed:
        assert door.body is not None
        for bad in _wrong_fields(pestered, door):
            with pytest.raises(FormRefusedError) as refused:
                parse_json(bad.data, door.body)
            fields = [{"field": each.field, "sentence": "…"} for each in refused.value.problems]
            assert _is_named(bad.field, fields), bad.what


def test_a_field_that_is_not_named_would_be_noticed() -> None:
    told = {"field": "right.icdr", "sentence": "…"}
    assert _is_named("right", [told])
    assert not _is_named("rig", [told])
    assert not _is_named("right", [])
    assert not _is_named("right", [{**told, "sentence": ""}])


def test_a_sentence_in_the_wrong_language_would_be_noticed() -> None:
    assert not _is_in("zh-Hans", "Not found")
    assert not _is_in("en", "没有找到")
    assert _INSIDE.search('File "/srv/lianzhen/server/app.py", line 3') is not None


async def test_a_path_that_is_no_id_is_not_there(pestered: WorldHouse) -> None:
    ids = ("..%2f..%2fetc", "%00", "0" * 33, "0" * 31, "G" * 32, "%E5%BC%A0", "'--", "x" * 4000)
    wrong = []
    async with open_client(pestered.base) as session:
        for door in all_doors():
            if "_id}" not in door.path:
                continue
            person = somebody(pestered.world, door)
            for bad in ids:
                asked = make_question(door, pestered.things(person))
                path = re.sub(r"[0-9a-f]{32}", bad, asked.path)
                answer = await ask_raw(
                    session, door.method, path, person=person, data=b"{}", headers=asked.headers
                )
                if not HTTPStatus.BAD_REQUEST <= answer.status < 500:
                    wrong.append(f"{door.method} {path[:80]}: {answer.status}")
    assert wrong == []


async def test_no_nonsense_in_a_query_breaks_a_page(pestered: WorldHouse) -> None:
    names = "view before q patient consortium at week tab next service_type position from until "
    names += "page clinic accept viewport quality window lang"
    values = (
        "\x00",
        "\u202e",
        "é",
        "9" * 500,
        "-1",
        "2026-99-99",
        "<script>",
        "NaN,NaN",
        "a" * 3000,
    )
    wrong = []
    async with open_client(pestered.base) as session:
        for door in all_doors():
            if door.method != "GET" or door.name == "events.follow":
                continue
            person = None if door.public else somebody(pestered.world, door)
            path = make_question(door, pestered.things(person)).path
            for value in values:
                query = dict.fromkeys(names.split(), value)
                answer = await ask_raw(session, "GET", path, person=person, query=query)
                text = answer.body.decode("utf-8", "replace")
                if answer.status >= 500 or "<script>" in text.replace('<script type="module"', ""):
                    wrong.append(f"{door.path} with {value[:20]!r}: {answer.status}")
    assert wrong == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "lianzhen=" + "a" * 4000},
        {"Cookie": "lianzhen=%ff%fe; lianzhen_lang=../../etc"},
        {"Cookie": 'lianzhen="' + "\\" * 60 + '"'},
        {"Accept": "a/" + "b" * 2000},
        {"Accept-Language": "zh-\u4e2d".encode().decode("latin-1")},
        {"Last-Event-ID": "9" * 400},
        {"X-Forwarded-For": "256.1.1.1, ,, ::::"},
        {"Content-Encoding": "gzip"},
        {"If-None-Match": '"' * 50},
        {"Range": "bytes=9-1"},
    ],
    ids=lambda headers: next(iter(headers)),
)
async def test_no_header_of_a_stranger_breaks_a_door(
    pestered: WorldHouse, headers: dict[str, str]
) -> None:
    async with open_client(pestered.base) as session:
        for path in ("/", "/sign-in", "/cases", "/api/cases", "/api/events", "/healthz"):
            async with session.get(path, headers=headers, allow_redirects=False) as answer:
                assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, path


def _malformed(house: WorldHouse, door: Door) -> list[Nonsense]:
    assert door.body is not None
    return list(malformed(door.body, house.things()))


def _wrong_fields(house: WorldHouse, door: Door) -> list[Nonsense]:
    assert door.body is not None
    return list(wrong_fields(door.body, house.things()))


async def _try_all(
    house: WorldHouse, tries: list[tuple[Door, Nonsense]], language: str
) -> list[str]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(door: Door, bad: Nonsense) -> str | None:
        async with turns:
            return await _try(session, house, door, bad, language)

    async with open_client(house.base, at_once=AT_ONCE) as session:
        found = await asyncio.gather(*(one(door, bad) for door, bad in tries))
    return [wrong for wrong in found if wrong is not None]


async def _try(
    session: aiohttp.ClientSession, house: WorldHouse, door: Door, bad: Nonsense, language: str
) -> str | None:
    person = None if door.public else somebody(house.world, door)
    asked = make_question(door, house.things(person))
    headers = {**asked.headers, "Content-Type": bad.content_type, "Accept": "application/json"}
    answer = await ask_raw(
        session,
        door.method,
        asked.path,
        person=person,
        data=bad.data,
        headers=headers,
        language=language,
    )
    where = f"{door.method} {door.path} with {bad.what}: {answer.status}"
    if not HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return where
    if not answer.headers.get("Content-Type", "").startswith("application/problem+json"):
        return f"{where} as {answer.headers.get('Content-Type')}"
    if _INSIDE.search(answer.body.decode()):
        return f"{where} tells of the inside: {answer.body[:200]!r}"
    wrong = _wrong_in(answer.json(), bad.field, language)
    return None if wrong is None else f"{where} {wrong}"


def _wrong_in(told: dict[str, Any], field: str, language: str) -> str | None:
    if not _is_named(field, told["errors"]):
        return f"names {[each['field'] for each in told['errors']]}: {told['code']}"
    sentences = [told["detail"], *(each["sentence"] for each in told["errors"])]
    if not all(_is_in(language, sentence) for sentence in sentences):
        return f"says {sentences}"
    return None


def _is_named(field: str, errors: list[dict[str, str]]) -> bool:
    """Whether the wrong field, or a part of it, has a problem and a sentence of its own."""
    told = [each["field"] for each in errors if each["sentence"]]
    return not field or any(name == field or name.startswith(f"{field}.") for name in told)


def _is_in(language: str, sentence: str) -> bool:
    """Whether the sentence is in this language; an English one quotes no Chinese here."""
    return bool(_CHINESE.search(sentence)) is (language == "zh-Hans")

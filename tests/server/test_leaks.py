"""A patient stands only where she belongs (T2, T23, T24).

Canaries of the world's patients are looked for in every byte that strangers are sent, in logs,
addresses and refusals, and in every file of the data folder.
"""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from consult.kernel.work import Role
from consult.people.patients.masking import mask_name
from consult.people.patients.names import search_keys
from server.doors import Door
from tests.makers.asking import Answered, ask, ask_raw, make_question, open_client, parameters_of
from tests.makers.matrix import all_doors
from tests.makers.world import CANARIES, MISNAMED
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
PICTURE = b'<img src="/dicomweb/'
AT_ONCE = 16
NAMES = [*(canary.name for canary in CANARIES), MISNAMED]
VERSIONED = ("amended", "retracted")
"""Whose cases and reports are read as well: their versions tell of names before and after."""
PROTECTED = [text for canary in CANARIES for text in (canary.number, canary.phone, canary.address)]
_ADDRESS = re.compile(r'(?:href|src|action|[\w-]+-url(?:-value)?)="([^"]*)"')
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


def test_no_protected_word_lies_in_plain_anywhere_in_the_data_folder(house: WorldHouse) -> None:
    files = list(_files(house.house.data_dir))
    assert any(path.suffix == ".db" for path in files)
    assert any("blobs" in path.parts for path in files)
    assert _found_in(files, PROTECTED) == []


def test_no_name_lies_in_plain_outside_the_database(house: WorldHouse) -> None:
    files = [path for path in _files(house.house.data_dir) if ".db" not in path.name]
    assert _found_in(files, NAMES) == []


def test_the_search_through_files_would_find_them(house: WorldHouse, tmp_path: Path) -> None:
    database = [path for path in _files(house.house.data_dir) if ".db" in path.name]
    assert {word for _path, word in _found_in(database, NAMES)} == set(NAMES)
    for encoding in _ENCODINGS:
        path = tmp_path / encoding
        path.write_bytes(b"\x00\x01" + PROTECTED[0].encode(encoding) + b"\x00")
        assert _found_in([path], PROTECTED) == [(path.name, PROTECTED[0])]


async def test_people_elsewhere_are_sent_no_byte_of_a_patient(house: WorldHouse) -> None:
    people = [house.world.person(Side.AWAY, role) for role in Role]
    answers = await _read_everything(house, people)
    pinyin = [search_keys(name).text.split()[0] for name in NAMES]
    words = [*NAMES, *PROTECTED, *(word for word in pinyin if len(word) > 7)]
    assert len(answers) > 900
    assert _found_in_answers(answers, words) == []


async def test_whoever_needs_no_names_is_sent_none(house: WorldHouse) -> None:
    """Managers, regulators and administrators read cases and reports with the name masked (U28)."""
    people = [
        house.world.person(side, role)
        for side in (Side.HOME, Side.LEAD)
        for role in (
            *(Role.MANAGER, Role.REGULATOR),
            *(Role.ADMINISTRATOR, Role.CONSORTIUM_ADMINISTRATOR),
        )
    ]
    answers = await _read_everything(house, people)
    assert _found_in_answers(answers, [*NAMES, *PROTECTED]) == []
    assert not [path for path, answer in answers if answer.body.startswith(b"%PDF")]
    reports = [answer.body for path, answer in answers if path.startswith("/reports/")]
    assert any(b"paper-head" in body for body in reports)
    for address in (b"/paper.pdf", b'/paper"', b"/dicomweb/"):
        assert not [body for body in reports if address in body], address
    assert not [path for path, answer in answers if PICTURE in answer.body]
    masked = {mask_name(name) for name in NAMES}
    assert {word for _path, word in _found_in_answers(answers, sorted(masked))}


async def test_the_clinic_itself_is_sent_her_patients(house: WorldHouse) -> None:
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    answers = await _read_everything(house, [physician])
    found = _found_in_answers(answers, NAMES)
    assert {word for _path, word in found} == set(NAMES)
    assert [path for path, answer in answers if PICTURE in answer.body]
    on_paper = {word for path, word in found if path.endswith("/paper.pdf")}
    assert len(on_paper) > 2, "names in a PDF are found, although it is compressed"
    changed = [path for path, word in found if word == MISNAMED]
    assert any(path.startswith("/api/reports/") for path in changed)
    assert any(path.startswith("/cases/") for path in changed)


async def test_the_reading_room_says_who_looks_where_and_when(house: WorldHouse) -> None:
    """A photograph of the screen names its photographer; the line stands below the pictures."""
    async with house.visitor(house.world.person(Side.LEAD, Role.EXPERT)) as visitor:
        status, page = await visitor.page(f"/cases/{house.world.things['case']}/reading")
    mark = re.search(r'<p class="wm-row"><span aria-hidden="true">([^<]*)</span>', page)
    assert status == 200
    assert mark is not None
    assert re.fullmatch(r"\S.* · \S.* · \d{4}年\d+月\d+日 \d\d:\d\d", mark[1])


async def test_no_patient_stands_in_an_address_a_refusal_or_the_log(house: WorldHouse) -> None:
    people = [
        house.world.person(side, role)
        for side in (Side.HOME, Side.LEAD)
        for role in (Role.REQUESTING_PHYSICIAN, Role.EXPERT, Role.REFERRAL_DESK, Role.REGULATOR)
    ]
    answers = await _read_everything(house, people)
    words = [*NAMES, *PROTECTED]
    assert _found_in_answers([each for each in answers if each[1].status >= 400], words) == []
    addresses = [
        unquote(address)
        for path, answer in answers
        if "?q=" not in path
        for address in [
            answer.headers.get("Location", ""),
            *_ADDRESS.findall(answer.body.decode("utf-8", "replace")),
        ]
    ]
    assert len(addresses) > 300
    assert [address for address in addresses if any(word in address for word in words)] == []
    log = house.house.log()
    assert '"process": "web"' in log
    assert [word for word in words if word in log or quote(word) in log] == []


async def test_a_refused_registration_tells_nobody_else_s_patient(house: WorldHouse) -> None:
    """A number that another institution knows is not told as known (keyed hash, T1)."""
    away = house.world.person(Side.AWAY, Role.REQUESTING_PHYSICIAN)
    home = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with open_client(house.base) as session:
        for person in (away, home):
            told = {"name": "无名", "document_kind": "resident_id"}
            body = json.dumps(told | {"document_number": f"{CANARIES[0].number}x"})
            answer = await ask_raw(
                session,
                "POST",
                "/api/patients",
                person=person,
                data=body.encode(),
                headers={"Content-Type": "application/json"},
            )
            assert answer.status == 422
            assert _found_in_answers([("", answer)], [*NAMES, *PROTECTED]) == []


async def _read_everything(
    house: WorldHouse, people: Iterable[Person]
) -> list[tuple[str, Answered]]:
    """Every GET door as each of these people, and searches for each patient."""
    turns = asyncio.Semaphore(AT_ONCE)
    async with open_client(house.base, at_once=AT_ONCE) as session:

        async def search(path: str, word: str, person: Person) -> tuple[str, Answered]:
            body = json.dumps({"q": word}).encode()
            told = {"Content-Type": "application/json"}
            async with turns:
                answer = await ask_raw(
                    session, "POST", path, person=person, headers=told, data=body
                )
            return f"{path}?q={word}", answer

        async def open_door(
            door: Door, person: Person, others: Mapping[str, str]
        ) -> tuple[str, Answered]:
            async with turns:
                asked = make_question(door, house.things(person) | others)
                return asked.path, await ask(session, asked, person=person)

        await _papers_are_made(house)
        doors = [door for door in all_doors() if door.method == "GET"]
        waiting = []
        for person in people:
            waiting += [open_door(door, person, {}) for door in doors]
            for thing in VERSIONED:
                things = house.world.things
                others = {"case": things[thing], "report": things[f"{thing}_report"]}
                about = [door for door in doors if {"case", "report"} & {*parameters_of(door)}]
                waiting += [open_door(door, person, others) for door in about]
            for word in (*NAMES, *PROTECTED):
                waiting += [
                    search(path, word, person) for path in ("/api/patients/search", "/patients")
                ]
        return list(await asyncio.gather(*waiting))


async def _papers_are_made(house: WorldHouse) -> None:
    """Wait until the PDFs are there: a name in a PDF is in no other answer."""
    wanted = {house.world.things[name] for name in ("report", "amended_report")}
    while True:
        lines = house.world.now.lines()
        if wanted <= {line.object_id for line in lines if line.kind == "report.paper_made"}:
            return
        await asyncio.sleep(1)


def _found_in_answers(
    answers: Iterable[tuple[str, Answered]], words: Iterable[str]
) -> list[tuple[str, str]]:
    """Which words stand in which answers, but for those that the asker sent herself."""
    found = []
    for path, answer in answers:
        sent = unquote(path)
        found += [
            (path, word)
            for word in words
            if word not in sent and any(form in _readable(answer.body) for form in _forms(word))
        ]
    return found


@cache
def _readable(body: bytes) -> bytes:
    """An answer, with what a reader of PDF copies out of it (poppler)."""
    if not body.startswith(b"%PDF"):
        return body
    asked = ["pdftotext", "-", "-"]
    return body + subprocess.run(asked, input=body, capture_output=True, check=True).stdout


def _found_in(files: Iterable[Path], words: list[str]) -> list[tuple[str, str]]:
    found = []
    for path in files:
        data = path.read_bytes()
        found += [(path.name, word) for word in words if any(form in data for form in _forms(word))]
    return found


def _forms(word: str) -> set[bytes]:
    """The word in each encoding, and as JSON escapes."""
    forms = {word.encode(encoding) for encoding in _ENCODINGS}
    return forms | {word.encode("ascii", "backslashreplace"), quote(word).encode()}


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())

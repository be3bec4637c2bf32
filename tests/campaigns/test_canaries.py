"""Ten thousand answers searched for patients who do not belong in them (T1, T2).

Everybody in every role asks every door that reads, every door that must refuse her, and the
searches, in both languages. Patients of three kinds stand in the house: those of one side whom
nobody else was granted, those whom the invited hospital was granted, and those of another
consortium.
"""

import asyncio
import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

import pytest

from consult.kernel.work import Role
from tests.campaigns.seeds import is_whole, make_seed
from tests.makers.asking import Answered, Asked, ask, make_question, open_client
from tests.makers.cases import citizen_number, make_patient
from tests.makers.matrix import Expected, all_doors, make_cells
from tests.makers.world import CANARIES, Canary, World
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side
from tests.makers.world_story import CONSENTED, DRAFT

FAR = (
    Canary("令狐珍珠", citizen_number(182, birth="19560314"), "13757959516", "海州市珍珠路9617号"),
    Canary("尉迟蓝晶", citizen_number(184, birth="19580625"), "13757959627", "海州市蓝晶路9728号"),
)
HIDDEN: dict[Side, tuple[Canary, ...]] = {
    Side.HOME: FAR,
    Side.LEAD: (*FAR, DRAFT, CONSENTED),
    Side.AWAY: CANARIES,
}
"""Who must not be found by whom."""

LANGUAGES = ("zh-Hans", "en")
ANSWERS = 10_000 if is_whole() else 300
AT_ONCE = 16
_SEARCHES = ("/api/patients/search", "/patients")
_ENDS_SESSIONS = ("lock.", "account.", "sign_in.", "second_factor")
pytestmark = [pytest.mark.server, pytest.mark.timeout(0 if is_whole() else 300)]


@dataclass(frozen=True)
class Question:
    """Who asks what, in which language."""

    person: Person
    asked: Asked
    language: str


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house of its own, in which the other consortium has patients too."""
    with open_world(tmp_path_factory.mktemp("canaries") / "house", loop_guard="0") as opened:
        away = opened.world.person(Side.AWAY, Role.REQUESTING_PHYSICIAN).actor
        for canary in FAR:
            make_patient(
                opened.world.consortium,
                by=away,
                name=canary.name,
                document_number=canary.number,
                phone=canary.phone,
                address=canary.address,
            )
        yield opened


async def test_no_answer_holds_a_patient_of_somebody_else(house: WorldHouse) -> None:
    seed, started = make_seed("canaries"), time.monotonic()
    questions = _draw(list(_questions(house)), seed)
    found, kinds = [], {"answered": 0, "refused": 0, "failed": 0}
    for question, answer in await _ask_all(house, questions):
        kinds[_kind_of(answer)] += 1
        found += _leaks(question, answer, HIDDEN[question.person.side])
    print(  # noqa: T201 - the campaign's answer
        f"canaries: {len(questions)} answers, {kinds}, {len(found)} leaks,"
        f" {time.monotonic() - started:.0f} s"
    )
    assert found == []
    assert len(questions) >= ANSWERS
    assert kinds["failed"] == 0
    assert min(kinds["answered"], kinds["refused"]) > len(questions) / 10


async def test_the_search_would_find_what_is_there(house: WorldHouse) -> None:
    """Each side's own physician is sent her patients: the same words, looked for the same way."""
    for side, known in ((Side.HOME, CANARIES), (Side.AWAY, FAR)):
        person = house.world.person(side, Role.REQUESTING_PHYSICIAN)
        asked = [_search(canary.name, _SEARCHES[0]) for canary in known]
        questions = [Question(person, each, "zh-Hans") for each in asked]
        found = [
            word
            for question, answer in await _ask_all(house, questions)
            for _path, word in _leaks(question, answer, known, own=True)
        ]
        assert {canary.name for canary in known} <= set(found)


def _questions(house: WorldHouse) -> Iterator[Question]:
    world: World = house.world
    reading = [door for door in all_doors() if door.method == "GET"]
    words = [word for canary in (*CANARIES, *FAR) for word in (canary.name, canary.number)]
    for language in LANGUAGES:
        for person in world.people.values():
            things = house.things(person)
            for door in reading:
                yield Question(person, make_question(door, things), language)
            for word in words:
                for path in _SEARCHES:
                    yield Question(person, _search(word, path), language)
        for cell in make_cells():
            harmless = cell.expected is not Expected.OPEN and cell.door.method != "GET"
            if harmless and not cell.door.name.startswith(_ENDS_SESSIONS):
                person = world.person(cell.side, cell.role)
                yield Question(person, make_question(cell.door, house.things(person)), language)


def _draw(questions: list[Question], seed: random.Random) -> Sequence[Question]:
    """All of them in any order; a slice takes the first few."""
    seed.shuffle(questions)
    return questions if is_whole() else questions[:ANSWERS]


def _search(word: str, path: str) -> Asked:
    return Asked("POST", path, json={"q": word})


async def _ask_all(
    house: WorldHouse, questions: Sequence[Question]
) -> list[tuple[Question, Answered]]:
    turns = asyncio.Semaphore(AT_ONCE)
    async with open_client(house.base, at_once=AT_ONCE) as session:

        async def one(question: Question) -> tuple[Question, Answered]:
            async with turns:
                answer = await ask(
                    session, question.asked, person=question.person, language=question.language
                )
            return question, answer

        return list(await asyncio.gather(*map(one, questions)))


def _kind_of(answer: Answered) -> str:
    if answer.status >= 500:
        return "failed"
    return "refused" if answer.status >= 400 else "answered"


def _leaks(
    question: Question, answer: Answered, canaries: Sequence[Canary], *, own: bool = False
) -> list[tuple[str, str]]:
    """Which canaries stand in the answer or its headers, but for what the asker sent herself."""
    sent = (
        ""
        if own
        else unquote(question.asked.path) + json.dumps(question.asked.json, ensure_ascii=False)
    )
    told = answer.body + "\n".join(f"{k}: {v}" for k, v in answer.headers.items()).encode()
    return [
        (f"{question.person.login} {question.asked.method} {question.asked.path}", word)
        for canary in canaries
        for word in (canary.name, canary.number, canary.phone, canary.address)
        if word not in sent and any(form in told for form in _forms(word))
    ]


def _forms(word: str) -> set[bytes]:
    """The word as text, as JSON escapes, and in an address."""
    return {
        word.encode(),
        word.encode("gb18030"),
        word.encode("utf-16-le"),
        word.encode("ascii", "backslashreplace"),
        quote(word).encode(),
    }

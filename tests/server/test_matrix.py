"""Every door, every role, every place: what is granted, what is refused, and what is not there.

Generated from the doors themselves, so that no route can be forgotten (ID-08,
T1).
"""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.kernel.work import Role
from server.app import make_app
from server.doors import Door
from server.settings import Settings
from tests.makers.asking import Answered, ask, make_question, open_client
from tests.makers.matrix import (
    CUSTODIAN_ONLY,
    ELSEWHERE,
    GRANTEE_ONLY,
    MISSING_FOR_ALL,
    OF_ITS_SIDE,
    Cell,
    Expected,
    all_doors,
    make_cells,
    thing_of,
)
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side, let_in

pytestmark = [pytest.mark.server, pytest.mark.timeout(480)]
AT_ONCE = 16
# the page's clock and the journal's present end: the same for everybody at one moment
_CLOCK = re.compile(rb'<meta name="(journal-position|server-now)" content="[^"]*">')
ENDS_SESSIONS = {
    "lock.lock_session",
    "account.change_password",
    "account.revoke",
    "account.revoke_others",
    "sign_in.choose",
    "sign_in.sign_out",
    "sign_in.sign_in",
}
ANY_SIGNED_IN = {
    "account.show",
    "account.read",
    "account.change_password",
    "account.revoke",
    "account.revoke_others",
    "connection.line",
    "connection.relay",
    "connection.show",
    "events.follow",
    "events.since",
    "lock.here",
    *("notices.show", "notices.read", "notices.add", "notices.remove"),
    "lock.lock_session",
    "second_factor.show",
    "second_factor.begin",
    "second_factor.finish",
    "second_factor.renew_codes",
    "second_factor.remove",
    "sign_in.institution_page",
    "sign_in.choose",
    "sign_in.sign_out",
}
"""The only doors that ask for no role; none of them leads to a patient, a case or a report."""


@pytest.fixture(scope="module")
def asked_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house of its own, as the matrix takes every step there is."""
    with open_world(tmp_path_factory.mktemp("matrix")) as opened:
        yield opened


def test_every_route_comes_from_a_door(tmp_path: Path) -> None:
    app = make_app(Settings(data_dir=tmp_path))
    handlers = {door.handler for door in all_doors()}
    for route in app.router.routes():
        is_static = isinstance(route.resource, web.StaticResource)
        assert is_static or getattr(route.handler, "__wrapped__", None) in handlers, route
    served = {
        (route.method, str(route.resource and route.resource.canonical))
        for route in app.router.routes()
    }
    assert {(door.method, door.path) for door in all_doors()} <= served


def test_the_doors_without_a_role_are_these_and_lead_to_no_patient() -> None:
    free = [door for door in all_doors() if door.action is None and not door.public]
    assert {door.name for door in free} == ANY_SIGNED_IN
    assert [door.name for door in free if _is_medical(door)] == []


def test_a_case_route_without_a_role_would_be_noticed() -> None:
    careless = Door("GET", "/api/cases/{case_id}/secret", "cases.secret", _nothing)
    assert careless.name not in ANY_SIGNED_IN
    assert _is_medical(careless)


def test_the_tables_of_the_matrix_name_doors_that_exist() -> None:
    names = {door.name for door in all_doors()}
    for table in (
        CUSTODIAN_ONLY,
        GRANTEE_ONLY,
        OF_ITS_SIDE,
        MISSING_FOR_ALL,
        set(ELSEWHERE),
        ENDS_SESSIONS,
    ):
        assert table <= names, table - names


async def test_whoever_is_not_signed_in_gets_nowhere(asked_house: WorldHouse) -> None:
    wrong = []
    async with open_client(asked_house.base) as session:
        for door in all_doors():
            if door.public:
                continue
            answer = await ask(session, make_question(door, asked_house.things()), person=None)
            to_sign_in = answer.headers.get("Location", "").startswith("/sign-in?next=")
            as_page = answer.status == 303 and to_sign_in
            as_data = answer.status == 401 and answer.code in {"", "sign-in-needed"}
            if not (as_page if door.is_page else as_data):
                wrong.append(f"{door.method} {door.path}: {answer.status} {answer.code}")
    assert wrong == []


async def test_every_cell_of_the_matrix(asked_house: WorldHouse) -> None:
    cells = list(make_cells())
    async with open_client(asked_house.base, at_once=AT_ONCE) as session:
        wrong = await _try_all(asked_house, session, cells)
    assert len(cells) == len(all_doors()) * len(Role) * len(Side)
    assert wrong == [], f"{len(wrong)} of {len(cells)} cells:\n" + "\n".join(wrong[:60])
    assert asked_house.house.log().count('"bug"') == 0


async def test_the_matrix_would_notice_a_policy_that_lets_everybody_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = {"cases.read", "patients.read", "cases.save_answers"}
    cells = [
        cell
        for cell in make_cells()
        if cell.door.name in wanted and cell.expected is Expected.MISSING
    ]
    with open_world(tmp_path) as opened:
        async with open_client(opened.base) as session:
            assert await _try_all(opened, session, cells) == []
        opened.house.stop()
        monkeypatch.setattr("consult.access.policy.may_see", lambda *_, **__: True)
        monkeypatch.setattr("consult.access.policy.require_own", lambda *_: None)
        runner = web.AppRunner(make_app(Settings(data_dir=tmp_path)), access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", opened.house.port)
        await site.start()
        try:
            async with open_client(opened.base) as session:
                wrong = await _try_all(opened, session, cells)
        finally:
            await runner.cleanup()
    assert {line.split(" as ")[0] for line in wrong} == {
        f"{cell.door.method} {cell.door.path}" for cell in cells
    }


async def _try_all(
    house: WorldHouse, session: aiohttp.ClientSession, cells: list[Cell]
) -> list[str]:
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(cell: Cell) -> str | None:
        async with turns:
            return await _try(house, session, cell)

    return [wrong for wrong in await asyncio.gather(*map(one, cells)) if wrong is not None]


async def _try(house: WorldHouse, session: aiohttp.ClientSession, cell: Cell) -> str | None:
    person = house.world.person(cell.side, cell.role)
    if cell.door.name in ENDS_SESSIONS:
        double = house.world.doubles[cell.side, cell.role]
        person = await asyncio.to_thread(let_in, house.world.now, double)
    things = house.things(person)
    if thing_of(cell.door) == "upload" and cell.expected is Expected.OPEN:
        things["upload"] = await asyncio.to_thread(house.new_upload)
    answer = await ask(session, make_question(cell.door, things), person=person)
    problem = _judge(cell, answer)
    if problem is None and cell.expected is Expected.MISSING:
        problem = await _compare_with_nothing(session, cell, person, things, answer)
    return None if problem is None else f"{cell}: {problem}"


def _judge(cell: Cell, answer: Answered) -> str | None:
    got = f"{answer.status} {answer.code}"
    is_role = answer.status == 403 and answer.code == "role-not-allowed"
    if answer.status >= 500:
        return got
    if cell.expected is Expected.REFUSED:
        has_body = cell.door.method != "HEAD"
        is_right = is_role if has_body and not cell.door.is_page else answer.status == 403
        return None if is_right else f"{got}, not refused for the role"
    if cell.expected is Expected.MISSING:
        return None if answer.status == 404 else f"{got}, not 404"
    is_shut = answer.status in {401, 404} or is_role or answer.code == "cross-site-request"
    return f"{got}, not let in" if is_shut else None


async def _compare_with_nothing(
    session: aiohttp.ClientSession,
    cell: Cell,
    person: Person,
    things: dict[str, str],
    answer: Answered,
) -> str | None:
    """The answer to an id that nobody has must be the same to the last byte."""
    thing = thing_of(cell.door)
    if thing is None:
        return None
    nobody = "2.25." + str(uuid4().int) if thing == "sop_uid" else uuid4().hex
    nothing = make_question(cell.door, things | {thing: nobody})
    other = await ask(session, nothing, person=person)
    here = _without(answer, things[thing])
    there = _without(other, nobody)
    return None if here == there else _first_difference(str(here), str(there))


def _first_difference(here: str, there: str) -> str:
    pairs = zip(here, there, strict=False)
    place = next((n for n, (one, other) in enumerate(pairs) if one != other), 0)
    start = max(place - 40, 0)
    return f"{here[start : place + 80]!r} is not {there[start : place + 80]!r}"


def _without(answer: Answered, thing: str) -> tuple[int, str, bytes]:
    """What can be told apart, but for the id that the asker sent herself, and the clock."""
    kind = answer.headers.get("Content-Type", "")
    body = _CLOCK.sub(b"", answer.body.replace(thing.encode(), b"?"))
    return answer.status, kind, body


def _is_medical(door: Door) -> bool:
    words = ("case", "patient", "report", "referral", "consent", "study", "queue", "slot")
    return any(word in door.path for word in words) or door.owns in {
        ObjectType.CASE,
        ObjectType.PATIENT,
        ObjectType.REPORT,
        ObjectType.STUDY,
    }


async def _nothing(_request: web.Request) -> web.Response:
    """A handler that is never called."""
    return web.Response()


def test_every_action_is_asked_for_by_some_door() -> None:
    assert set(Action) - {door.action for door in all_doors()} == ASKED_INSIDE


ASKED_INSIDE = {Action.SEE_NAME, Action.SHOW_IMAGE}
"""Decide what an answer shows or a line may say, not whether there is one."""

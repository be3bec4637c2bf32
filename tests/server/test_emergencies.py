"""A physician elsewhere opens a case because the patient cannot wait: read, seen, reviewed."""

import asyncio
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from consult.kernel.work import Role
from server.doors import Door
from server.rules.rulebook import load_rulebook
from tests.makers.asking import ask, make_question, open_client
from tests.makers.matrix import all_doors, thing_of
from tests.makers.rulebooks import CONFIG
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import PASSWORD, Person, Side, let_in

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
LONG_AGO = "2026-01-01T00:00:00.000000Z"
WHY = "患者突发剧烈眼痛，正在我院急诊"
_END = "UPDATE grants SET until = ? WHERE grantee_type = 'emergency'"
SHUT = {401, 403, 404}
MEDICAL = {"case", "patient", "image", "report", "referral", "draft", "upload", "consent"}


@pytest.fixture(scope="module")
def own_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A world of this module's own, since its cases are opened here."""
    with open_world(tmp_path_factory.mktemp("emergencies") / "house") as opened:
        yield opened


@pytest.fixture
def house(own_world: WorldHouse) -> WorldHouse:
    """The world with every emergency over."""
    change(own_world, _END)
    return own_world


def change(house: WorldHouse, statement: str) -> int:
    """Turn a clock back behind the server's back, and say how many rows that moved."""
    with sqlite3.connect(house.house.data_dir / "lianzhen.db", timeout=20) as database:
        return database.execute(statement, [LONG_AGO]).rowcount


def number_of(house: WorldHouse, case_id: str) -> str:
    with sqlite3.connect(house.house.data_dir / "lianzhen.db") as database:
        found = database.execute("SELECT number FROM cases WHERE id = ?", [case_id]).fetchone()
    return str(found[0])


def kinds(house: WorldHouse) -> list[str]:
    with sqlite3.connect(house.house.data_dir / "lianzhen.db") as database:
        return [row[0] for row in database.execute("SELECT kind FROM journal_entries")]


def stranger(house: WorldHouse, role: Role = Role.REQUESTING_PHYSICIAN) -> Person:
    """Somebody of another consortium, in a session of her own."""
    return let_in(house.world.now, house.world.person(Side.AWAY, role))


async def knock(house: WorldHouse, person: Person, **changes: str) -> tuple[int, Any]:
    body = {"number": number_of(house, house.world.things["case"]), "reason": WHY}
    body |= {"password": PASSWORD} | changes
    async with house.visitor(person) as visitor:
        return await visitor.send("/api/emergency", body)


async def test_it_takes_a_number_a_reason_and_the_password(house: WorldHouse) -> None:
    person = await asyncio.to_thread(stranger, house)
    path, before = f"/api/cases/{house.world.things['case']}", kinds(house)
    async with house.visitor(person) as visitor:
        assert (await visitor.get(path))[0] == 404
        for changes, field in (
            ({"password": "not the password"}, "password"),
            ({"reason": "急"}, "reason"),
            ({"number": "JZ-0000-0000"}, "number"),
        ):
            status, refusal = await knock(house, person, **changes)
            assert status == 422
            assert [error["field"] for error in refusal["errors"]] == [field]
        assert (await visitor.get(path))[0] == 404
    after = kinds(house)
    assert after.count("emergency.missed") == before.count("emergency.missed") + 1
    assert after.count("emergency.opened") == before.count("emergency.opened")


async def test_the_case_opens_with_its_images_and_reports_and_says_so(house: WorldHouse) -> None:
    person = await asyncio.to_thread(stranger, house)
    case_id = house.world.things["case"]
    status, answer = await knock(house, person, number=number_of(house, case_id).lower())
    assert (status, answer) == (200, {"location": f"/cases/{case_id}"})
    async with house.visitor(person) as visitor:
        assert (await visitor.get(f"/api/cases/{case_id}"))[0] == 200
        status, page = await visitor.page(f"/cases/{case_id}")
        assert status == 200
        assert "紧急访问有效至" in page
        status, page = await visitor.page("/emergency")
        assert number_of(house, case_id) in page
    owner = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with house.visitor(owner) as visitor:
        _status, page = await visitor.page(f"/cases/{case_id}")
        assert "紧急访问病例" in page
        assert WHY in page
    other = house.world.person(Side.AWAY, Role.EXPERT)
    async with house.visitor(other) as visitor:
        assert (await visitor.get(f"/api/cases/{case_id}"))[0] == 404
    assert WHY not in house.house.log()


async def test_another_session_of_the_same_person_says_so_too(house: WorldHouse) -> None:
    person = await asyncio.to_thread(stranger, house)
    assert (await knock(house, person))[0] == 200
    again = await asyncio.to_thread(stranger, house)
    other = await asyncio.to_thread(stranger, house, Role.EXPERT)
    for who, says in ((again, True), (other, False)):
        async with house.visitor(who) as visitor:
            _status, page = await visitor.page("/account")
            assert ("紧急访问有效至" in page) is says
    assert change(house, _END) > 2
    async with house.visitor(again) as visitor:
        assert "紧急访问有效至" not in (await visitor.page("/account"))[1]


def _changes_something(door: Door) -> bool:
    return door.method not in {"GET", "HEAD", "OPTIONS"} and thing_of(door) in MEDICAL


async def test_what_is_open_in_an_emergency_can_be_read_and_not_changed(
    house: WorldHouse,
) -> None:
    doors = [door for door in all_doors() if _changes_something(door)]
    assert len(doors) > 40
    wrong, rules = [], load_rulebook(CONFIG).roles
    for role in (Role.REQUESTING_PHYSICIAN, Role.EXPERT):
        person = await asyncio.to_thread(stranger, house, role)
        assert (await knock(house, person))[0] == 200
        async with house.visitor(person) as visitor:  # it is open, as long as it is only read
            assert (await visitor.get(f"/api/cases/{house.world.things['case']}"))[0] == 200
        allowed = [door for door in doors if door.action in rules.actions[role]]
        async with open_client(house.base) as session:
            for door in allowed:
                question = make_question(door, house.things(person))
                answer = await ask(session, question, person=person)
                if answer.status not in SHUT and answer.status < 500:
                    wrong.append(f"{role} {door.method} {door.path}: {answer.status}")
    assert wrong == []
    assert '"bug"' not in house.house.log()


OPEN_TO_ITS_OWNER = {
    "documents.take": 422,
    "marks_out.take": 422,
    "result_notices.download_one": 409,
    "playback.download": 404,
    "joined.download": 404,
    "mixed.download": 404,
}
"""The world's image holds no file; its case waits without marks or an answer, and no call of it
was recorded."""


async def test_nothing_that_is_open_in_an_emergency_leaves_the_house(house: WorldHouse) -> None:
    doors = [door for door in all_doors() if door.takes_out]
    assert {door.name for door in doors} == {
        *("dossiers.export", "dossiers.original", "reports.download", "statistics.download"),
        *("documents.take", "marks_out.take", "quality_statistics.download"),
        *("month.take_csv", "month.take_workbook"),
        *("month.take_cases_csv", "month.take_cases_workbook"),
        *(f"result_notices.download_{which}" for which in ("all", "chosen", "one")),
        *("playback.download", "joined.download", "mixed.download"),
        *("frames.frames", "frames.bulk", "frames.frames_acting", "frames.bulk_acting"),
        *(f"retrieve.{what}" for what in ("study", "series", "instance")),
        *(f"retrieve.{what}_acting" for what in ("study", "series", "instance")),
    }
    owner = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    things = house.world.things
    for case, report in (("case", "report"), ("reported", "report")):
        person = await asyncio.to_thread(stranger, house)
        assert (await knock(house, person, number=number_of(house, things[case])))[0] == 200
        about = house.things(person) | {"case": things[case], "report": things[report]}
        async with house.visitor(person) as visitor:
            _status, page = await visitor.page(f"/cases/{things[case]}")
            assert "导出档案" not in page
        async with open_client(house.base) as session:
            for door in doors:
                question = make_question(door, about)
                assert (await ask(session, question, person=person)).status in SHUT, door.name
                if thing_of(door) == "case" and case == "case":
                    answered = (await ask(session, question, person=owner)).status
                    assert answered == OPEN_TO_ITS_OWNER.get(door.name, 200), door.name
    async with house.visitor(person) as visitor:
        status, page = await visitor.page(f"/reports/{things['report']}")
        assert status == 200
        assert "PDF" not in page.partition("<main")[0].partition("paper-bar")[2]
    assert "dossier.exported" in kinds(house), "the owner's own"


async def test_it_is_over_after_an_hour(house: WorldHouse) -> None:
    person = await asyncio.to_thread(stranger, house)
    assert (await knock(house, person))[0] == 200
    path = f"/api/cases/{house.world.things['case']}"
    async with house.visitor(person) as visitor:
        assert (await visitor.get(path))[0] == 200
        assert change(house, _END) > 2
        assert (await visitor.get(path))[0] == 404


async def test_the_institution_reviews_it_and_nobody_else(house: WorldHouse) -> None:
    person = await asyncio.to_thread(stranger, house)
    assert (await knock(house, person))[0] == 200
    reviewer = house.world.person(Side.HOME, Role.CONSORTIUM_ADMINISTRATOR)
    elsewhere = house.world.person(Side.AWAY, Role.CONSORTIUM_ADMINISTRATOR)
    async with house.visitor(reviewer) as mine, house.visitor(elsewhere) as theirs:
        _status, page = await mine.get("/api/admin/emergencies")
        waiting = page["waiting"]
        assert waiting >= 1
        row = page["rows"][0]
        assert (row["reason"], row["is_overdue"]) == (WHY, False)
        assert (await theirs.get("/api/admin/emergencies"))[1]["rows"] == []
        path = f"/api/admin/emergencies/{row['id']}/review"
        assert (await theirs.send(path, {"verdict": "justified"}))[0] == 404
        assert (await mine.send(path, {"verdict": "whatever"}))[0] == 422
        assert (await mine.send(path, {"verdict": "questioned"}))[0] == 200
        assert (await mine.send(path, {"verdict": "justified"}))[0] == 409
        assert (await mine.get("/api/admin/emergencies"))[1]["waiting"] == waiting - 1
        change(house, "UPDATE emergencies SET opened_at = ?")
        _status, page = await mine.get("/api/admin/emergencies")
        assert {row["is_overdue"] for row in page["rows"] if not row["reviewed_at"]} <= {True}
        assert "存疑" in (await mine.page("/admin/emergencies"))[1]
    assert "emergency.reviewed" in kinds(house)


async def test_who_may_see_the_case_anyway_needs_no_emergency(house: WorldHouse) -> None:
    owner = await asyncio.to_thread(
        let_in, house.world.now, house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    )
    status, refusal = await knock(house, owner)
    assert (status, refusal["code"]) == (409, "emergency-not-needed")
    assert (await knock(house, house.world.person(Side.AWAY, Role.PHOTOGRAPHER)))[0] == 403

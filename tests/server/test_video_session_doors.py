"""Video consultations through the doors: offered, booked, moved, taken into calendars, refused."""

import asyncio
import contextlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from consult.kernel.work import Role
from tests.makers.ics import read_calendar
from tests.makers.visitor import Visitor
from tests.makers.world import CANARIES
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house of its own for each test: a case has one session ahead of it."""
    with open_world(tmp_path_factory.mktemp("sessions")) as opened:
        yield opened


def doctor(house: WorldHouse) -> Person:
    return house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)


def expert(house: WorldHouse) -> Person:
    """An expert of the panel before which the case is."""
    return house.world.person(Side.LEAD, Role.EXPERT)


async def offer(house: WorldHouse, **changes: Any) -> tuple[int, Any]:
    """Every day of the next fortnight but one."""
    today = datetime.now(UTC).date()
    body = {
        "day_from": (today + timedelta(days=2)).isoformat(),
        "day_until": (today + timedelta(days=9)).isoformat(),
        "weekdays": [1, 2, 3, 4, 5, 6, 7],
        "start": "10:00",
        "end": "11:00",
        "minutes": 30,
    }
    async with house.visitor(expert(house)) as visitor:
        return await visitor.send("/api/video-windows", body | changes)


async def free_at(visitor: Visitor, case_id: str) -> list[str]:
    """What the page of the case offers, in order."""
    _status, page = await visitor.page(f"/cases/{case_id}")
    return [part.split('"')[0] for part in page.split('name="wanted" value="')[1:]]


async def booked(house: WorldHouse) -> tuple[str, dict[str, Any], list[str]]:
    """The first free session, booked by the clinic; the case, the session, what was free."""
    assert (await offer(house))[0] == 200
    case_id = house.world.things["case"]
    async with house.visitor(doctor(house)) as visitor:
        free = await free_at(visitor, case_id)
        place = f"/api/cases/{case_id}/video-sessions"
        status, session = await visitor.send(place, {"wanted": free[0]})
        assert status == 200, session
    return case_id, session, free


async def test_a_session_is_offered_booked_and_stands_in_both_schedules(house: WorldHouse) -> None:
    case_id, session, free = await booked(house)
    assert len(free) == 16
    week = session["starts_at"][:10]
    for person, tongue, words in (
        (doctor(house), "zh-Hans", "已预约会诊"),
        (expert(house), "en", "Session booked"),
    ):
        async with house.visitor(person, language=tongue) as visitor:
            _status, page = await visitor.page(f"/schedule?week={week}")
            assert f"/cases/{case_id}#session" in page
            assert words in page
            assert words in (await visitor.page(f"/cases/{case_id}"))[1]
            _status, told = await visitor.get(f"/api/cases/{case_id}/video-sessions")
            assert [each["id"] for each in told["sessions"]] == [session["id"]]
    async with house.visitor(expert(house)) as visitor:
        _status, news = await visitor.get(f"/api/cases/{case_id}/video-sessions/news")
        assert "已预约视频会诊" in news["sentence"]
        assert news["location"] == f"/cases/{case_id}#session"
    async with house.visitor(doctor(house)) as visitor:
        _status, news = await visitor.get(f"/api/cases/{case_id}/video-sessions/news")
        assert news["sentence"] == ""
        assert (await visitor.send(f"/api/cases/{case_id}/video-sessions", {"wanted": free[1]}))[
            0
        ] == 409


async def test_both_sides_move_and_cancel_and_a_reason_is_asked_for(house: WorldHouse) -> None:
    case_id, session, free = await booked(house)
    place = f"/api/cases/{case_id}/video-sessions/{session['id']}"
    async with house.visitor(expert(house)) as visitor:
        told = {"version": 1, "wanted": free[3], "reason": "手术"}
        status, moved = await visitor.send(f"{place}/move", told)
        assert (status, moved["version"]) == (200, 2)
    async with house.visitor(doctor(house)) as visitor:
        _status, news = await visitor.get(f"/api/cases/{case_id}/video-sessions/news")
        assert "改至" in news["sentence"]
        old = {"version": 1, "reason": "患者要求"}
        assert (await visitor.send(f"{place}/cancel", old))[0] == 409
        assert (await visitor.send(f"{place}/cancel", {"version": 2, "reason": " "}))[0] == 422
        assert (await visitor.send(f"{place}/cancel", old | {"version": 2}))[0] == 200
        _status, page = await visitor.page(f"/cases/{case_id}")
        assert "患者要求" in page
        file = await take(visitor, f"/cases/{case_id}/video-session.ics")
        calendar = read_calendar(file)
        assert (calendar.method, calendar.events[0].sequence) == ("CANCEL", 2)


async def test_nonsense_is_refused_by_name_and_strangers_find_nothing(house: WorldHouse) -> None:
    for changes, field in (
        ({"minutes": 7}, "minutes"),
        ({"weekdays": [8]}, "weekdays.0"),
        ({"end": "09:00"}, "end"),
        ({"start": "25:00"}, "start"),
        ({"day_until": "2020-01-01"}, "day_until"),
    ):
        status, refused = await offer(house, **changes)
        assert status == 422, changes
        assert field in {each["field"] for each in refused["errors"]}, refused
    case_id, _session, free = await booked(house)
    place = f"/api/cases/{case_id}/video-sessions"
    async with house.visitor(doctor(house)) as visitor:
        for wanted in ("", free[0].replace("@2", "@3"), f"{free[0][:38]}02-31T10:00:00Z"):
            assert (await visitor.send(place, {"wanted": wanted}))[0] == 422, wanted
    async with house.visitor(house.world.person(Side.AWAY, Role.REQUESTING_PHYSICIAN)) as stranger:
        assert (await stranger.get(place))[0] == 404
        assert (await stranger.get(f"{place}/news"))[0] == 404


async def test_leave_lapses_the_session_and_the_clinic_books_another_time(
    house: WorldHouse,
) -> None:
    case_id, session, free = await booked(house)
    day = session["starts_at"][:10]
    async with house.visitor(expert(house)) as visitor:
        told = {"day_from": day, "day_until": day, "reason": "外出"}
        status, done = await visitor.send("/api/video-leaves", told)
        assert (status, done["lapsed"]) == (200, 1)
        _status, page = await visitor.page("/schedule/windows")
        leave = page.split("/api/video-leaves/")[1].split("/end")[0]
    async with house.visitor(doctor(house)) as visitor:
        _status, page = await visitor.page(f"/cases/{case_id}")
        assert "外出" in page
        assert "请另选时间" in page
        again = await free_at(visitor, case_id)
        assert set(free) - set(again) == set(free[:2])
        place = f"/api/cases/{case_id}/video-sessions"
        assert (await visitor.send(place, {"wanted": again[0]}))[0] == 200
    async with house.visitor(expert(house)) as visitor:
        assert (await visitor.send(f"/api/video-leaves/{leave}/end", {}))[0] == 200
        _status, page = await visitor.page("/schedule/windows")
        window = page.split("/api/video-windows/")[1].split("/end")[0]
        _status, done = await visitor.send(f"/api/video-windows/{window}/end", {})
        assert done["lapsed"] == 1


async def test_an_address_gives_times_and_numbers_to_whoever_has_it_until_it_is_taken_back(
    house: WorldHouse,
) -> None:
    case_id, session, _free = await booked(house)
    async with house.visitor(expert(house)) as visitor:
        _status, made = await visitor.send("/api/schedule/address", {})
        token = made["address"].rpartition("/")[2]
        async with aiohttp.ClientSession() as calendar:
            content = await read(calendar, f"{house.base}/schedule/feed/{token}")
            (event,) = read_calendar(content).events
            assert event.uid == f"{session['id']}@lianzhen"
            for patient in CANARIES:
                assert patient.name.encode() not in content
            assert case_id.encode() not in content
            assert (await visitor.send("/api/schedule/address/remove", {}))[0] == 200
            for gone in (token, "x" * 43 + ".ics", "x" * 900 + ".ics"):
                async with calendar.get(f"{house.base}/schedule/feed/{gone}") as answer:
                    assert answer.status == 404
    assert token.removesuffix(".ics") not in house.house.log()


async def test_a_reminder_whose_time_came_while_the_house_was_down_is_told_once(
    house: WorldHouse,
) -> None:
    case_id, _session, _free = await booked(house)
    house.house.kill()
    with contextlib.closing(sqlite3.connect(house.house.data_dir / "lianzhen.db")) as database:
        due = (datetime.now(UTC) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        change = "UPDATE jobs SET run_at = ? WHERE kind = 'remind_session'"
        assert database.execute(change, (due,)).rowcount == 2
        database.commit()
    house.house.start_again()
    async with house.visitor(expert(house)) as visitor:
        news = await until_told(visitor, case_id)
        assert "视频会诊提醒" in news
        told = await reminders_told(visitor, case_id)
    house.house.kill()
    house.house.start_again()
    async with house.visitor(expert(house)) as visitor:
        assert await reminders_told(visitor, case_id) == told == 2


async def until_told(visitor: Visitor, case_id: str) -> str:
    """The sentence of both reminders' coming, however busy the machine is."""
    async with asyncio.timeout(60):
        while await reminders_told(visitor, case_id) < 2:  # noqa: ASYNC110 - nothing rings in a test
            await asyncio.sleep(0.2)
    return str((await visitor.get(f"/api/cases/{case_id}/video-sessions/news"))[1]["sentence"])


async def reminders_told(visitor: Visitor, case_id: str) -> int:
    """How many reminders the case's history tells of."""
    _status, told = await visitor.get(f"/api/cases/{case_id}/timeline")
    return json.dumps(told).count("video_session.reminded")


async def take(visitor: Visitor, path: str) -> bytes:
    """A file of the house."""
    status, content = await visitor.picture(path)
    assert status == 200
    return content


async def read(session: aiohttp.ClientSession, address: str) -> bytes:
    """What a calendar gets that subscribes."""
    async with session.get(address) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/calendar"
        return await answer.read()

"""From an empty installation to a closed case, in real browsers before a real server."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.journey.acts import administration, booking, clinic, reading
from tests.journey.acts.administration import CENTRE
from tests.journey.conftest import Opener
from tests.makers.browsers import open_chromium, open_floor_chromium
from tests.makers.grown import grown_settings
from tests.makers.house import open_house
from tests.makers.screen import FLOOR, Screen

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
_SOON_MS, _BESIDE_OTHER_TESTS_MS = 1000, 5000
_REST = {"advice": "控制血糖，散瞳眼底检查。", "referral_need": "refer", "interval_months": "3"}
_WORDS = {
    "right.findings": "Microaneurysms and haemorrhages in four quadrants.",
    "left.findings": "Microaneurysms, venous beading in two quadrants.",
    "impression": "Moderate NPDR of both eyes.",
    "answer": "The blurred vision of the left eye fits suspected macular oedema.",
    "limits": "Based on the images listed only.",
}


@dataclass
class Cast:
    """Everybody in a browser of their own."""

    root: Screen
    doctor: Screen
    one: Screen
    other: Screen
    desk: Screen


@contextlib.asynccontextmanager
async def cast_of(at_door: Opener, base: str, language: str) -> AsyncIterator[Cast]:
    async with contextlib.AsyncExitStack() as stack:
        screens = [
            await stack.enter_async_context(at_door(base, language=language)) for _ in range(5)
        ]
        yield Cast(*screens)


@pytest.fixture(params=["own folder", pytest.param("grown", marks=pytest.mark.postgres)])
def ground(request: pytest.FixtureRequest) -> dict[str, str]:
    """What the house stands on: a folder, or PostgreSQL, Redis and S3 with two web processes."""
    if request.param == "own folder":
        return {}
    return grown_settings(*(request.getfixturevalue(each) for each in ("cluster", "redis", "s3")))


@pytest.fixture
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """Chromium 109, the oldest that we promise (U9), or this machine's own."""
    is_floor = request.param == "floor"
    async with open_floor_chromium() if is_floor else open_chromium() as opened:
        assert (opened.version.split(".")[0] == FLOOR) is is_floor
        yield opened


@pytest.mark.parametrize(
    ("language", "service", "ground", "browser"),
    [
        ("zh", "screening_read", "own folder", "floor"),
        ("en", "remote_diagnosis", "own folder", "own browser"),
        ("en", "remote_diagnosis", "grown", "own browser"),
    ],
    indirect=["ground", "browser"],
)
async def test_a_photograph_becomes_a_signed_opinion_and_a_booked_slot(
    language: str,
    service: str,
    ground: dict[str, str],
    tmp_path: Path,
    at_door: Opener,
    real_files: Path,
) -> None:
    card = clinic.pack_folder(tmp_path / "card", real_files)
    with open_house(tmp_path / "data", **ground) as house:
        async with cast_of(at_door, house.base, language) as cast:
            await found(cast)
            case_id = await send(cast, service, card)
            expert = await read(cast, service, case_id)
            await follow(cast, expert, case_id)


async def found(cast: Cast) -> None:
    """An empty installation becomes a consortium; everybody comes in."""
    root = cast.root
    await administration.set_up(root)
    await administration.found_consortium(root)
    passwords = await administration.add_people(root)
    await administration.add_second_place(root, "chen")
    await administration.found_panel(root)
    await administration.sign_agreement(root)
    await administration.come_in(cast.doctor, "chen", passwords["chen"], CENTRE)
    await administration.come_in(cast.one, "zhou", passwords["zhou"])
    await administration.come_in(cast.other, "li", passwords["li"])
    await administration.come_in(cast.desk, "xu", passwords["xu"])
    await booking.publish_slots(cast.desk)


async def send(cast: Cast, service: str, card: Path) -> str:
    """The community physician sends a case; it stands in both open lists within a second."""
    doctor = cast.doctor
    await clinic.register(doctor)
    case_id = await clinic.open_case(doctor, service)
    if service == "screening_read":
        await clinic.fill_screening(doctor)
    else:
        await clinic.fill_diagnosis(doctor)
    await clinic.record_consent(doctor)
    if service == "screening_read":
        await clinic.assert_kept(doctor)
    await clinic.send_folder(doctor, card)
    await clinic.confirm_set(doctor)
    tab = "read" if service == "screening_read" else "consult"
    for expert in (cast.one, cast.other):
        await reading.watch_list(expert, tab)
    answered_at = await clinic.submit(doctor)
    late_ms = [
        await reading.row_arrived_at(expert, case_id) - answered_at
        for expert in (cast.one, cast.other)
    ]
    assert min(late_ms) <= _SOON_MS, late_ms
    assert max(late_ms) <= _BESIDE_OTHER_TESTS_MS, late_ms
    return case_id


async def read(cast: Cast, service: str, case_id: str) -> Screen:
    """One of two experts gets the case, looks, writes, puts back, takes again and signs."""
    expert, told = await reading.take_at_once(cast.one, cast.other, case_id)
    name = ("周怀瑾", "Zhou Huaijin") if expert is cast.one else ("李文博", "Li Wenbo")
    await told.assert_said(*name)
    await reading.assert_nothing_preselected(expert)
    await expert.assert_accessible()
    await expert.shoot("reading")
    await reading.press_normal_and_undo(expert)
    assert await reading.look_at_all(expert) >= 4
    rest = _REST | {"referral_urgency": "routine"}
    if service != "screening_read":
        await reading.diagnose(expert, "E11.3")
        rest |= _WORDS
    await reading.write(expert, reading.REFERABLE, **rest)
    await reading.put_back_and_take_again(expert)
    await reading.sign(expert)
    return expert


async def follow(cast: Cast, expert: Screen, case_id: str) -> None:
    """The report arrives by itself, is received and decided; a slot is booked; the case closes."""
    doctor, desk = cast.doctor, cast.desk
    assert doctor.path == f"/cases/{case_id}"
    await doctor.at("#report").wait_for()
    state = doctor.say("报告已签发", "Report signed")
    await doctor.at("#case-state", has_text=state).wait_for()  # the head of the page says it too
    await booking.receive(doctor)
    await booking.decide(doctor, "refer")
    assert doctor.path == f"/cases/{case_id}/booking"
    await booking.book(doctor)
    await booking.print_slip(doctor)
    await booking.mark_visit(desk)
    await booking.close(doctor, case_id)
    await expert.go(f"/cases/{case_id}")
    assert await expert.at(".timeline li").count() > 5

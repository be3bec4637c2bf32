"""A call from a clinic on a bad line: it holds, says so in plain words, and comes back (VID-05).

The clinic is a network namespace; where none can be made these tests fail and say why.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest

from consult.kernel.work import Role
from tests.makers.call_people import (
    SMALL,
    WATCH,
    Moment,
    end_call,
    keeps_seeing,
    let_in_all,
    measured,
    moments,
    take_place,
)
from tests.makers.hospital import Hospital, open_hospital, screen_of
from tests.makers.looking import whole
from tests.makers.media_house import eventually
from tests.makers.screen import PHONE, Screen
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.browser, pytest.mark.timeout(900)]
_LAPTOP: Final = (1366, 768)
_PATIENCE_S: Final = 240.0
_HEARD_S: Final = 6.0
_MINUTE_S: Final = 60.0
_PHYSICIAN, _EXPERT = (Role.REQUESTING_PHYSICIAN, Side.HOME), (Role.EXPERT, Side.LEAD)


@dataclass(frozen=True)
class Call:
    """The clinic behind its line, and the expert beside the server."""

    hospital: Hospital
    room_id: str
    clinic: Screen
    reader: Screen

    async def goes_on(self) -> None:
        """Each sees more and more of the other."""
        for screen in (self.clinic, self.reader):
            await keeps_seeing(screen)

    async def seen(self, since_s: float) -> list[Moment]:
        """What the clinic's page has shown since then."""
        return [each for each in await moments(self.clinic) if each.at_s >= since_s]

    async def says(self, rung: str, since_s: float) -> None:
        """Wait until the clinic's page has said so at any time since then."""

        async def has_said() -> bool:
            return any(each.rung == rung for each in await self.seen(since_s))

        await eventually(has_said, within_s=_PATIENCE_S)

    async def says_cut(self, since_s: float) -> None:
        """Wait until it has said that the line to the server is cut."""

        async def has_said() -> bool:
            return any(each.cut for each in await self.seen(since_s))

        await eventually(has_said, within_s=_PATIENCE_S)

    async def is_whole(self) -> None:
        """Wait until pictures come to the clinic again, and no line is called cut."""
        now_s = time.time()

        async def is_back() -> bool:
            last = (await self.seen(now_s))[-1:]
            return bool(last) and not last[0].cut and last[0].rung in {"", "video", "lower"}

        await eventually(is_back, within_s=_PATIENCE_S)
        await self.goes_on()

    async def record(self) -> dict[str, Any]:
        """What the case has of its newest room, which is still this one."""
        rooms = await self.hospital.record(*_PHYSICIAN)
        assert [each["room_id"] for each in rooms if not each["ended_at"]] == [self.room_id]
        (room,) = [each for each in rooms if each["room_id"] == self.room_id]
        return room


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hospital]:
    """A house with video that the clinic reaches."""
    with open_hospital(tmp_path_factory.mktemp("lines")) as opened:
        yield opened


@pytest.fixture
async def call(hospital: Hospital) -> AsyncIterator[Call]:
    """Both see each other, on a line without a fault."""
    hospital.clinic.mend()
    world, scripts = hospital.house.world, (WATCH, SMALL)
    case_id = world.things["case"]
    host, guest = (world.person(side, role) for role, side in (_PHYSICIAN, _EXPERT))
    room_id = await let_in_all(hospital.house, host, [guest])
    program = hospital.clinic.browser()
    async with (
        screen_of(hospital, *_PHYSICIAN, program, scripts=scripts) as clinic,
        screen_of(hospital, *_EXPERT, "", scripts=scripts) as reader,
    ):
        for screen in (clinic, reader):
            await take_place(screen, case_id)
        made = Call(hospital, room_id, clinic, reader)
        await made.goes_on()
        yield made
        hospital.clinic.mend()
    await end_call(hospital.house, host)


async def heard(screen: Screen) -> float:
    """How much of some seconds of sound really came, from 0 to 1."""
    before = await measured(screen)
    await asyncio.sleep(_HEARD_S)  # the time is what is measured over
    after = await measured(screen)
    played = after["samples"] - before["samples"]
    return 0.0 if played <= 0 else 1 - (after["concealed"] - before["concealed"]) / played


async def least_heard(call: Call) -> float:
    """The same, of whoever hears less."""
    return min(await asyncio.gather(heard(call.clinic), heard(call.reader)))


async def both_hear(call: Call, least: float) -> None:
    """Wait until so much of what is said comes to either."""

    async def have_heard() -> bool:
        return await least_heard(call) > least

    await eventually(have_heard, within_s=_PATIENCE_S)


async def looks_well(screen: Screen, name: str) -> None:
    """In both sizes nothing scrolls sideways and nobody is kept out."""
    for size in (PHONE, _LAPTOP):
        await screen.resize(size)
        assert await screen.find_overflow() == []
        await screen.assert_accessible()
        await screen.shoot(name)


async def test_a_line_that_was_cut_comes_back_without_a_hand_in_the_same_record(call: Call) -> None:
    for cut_s in (3, 15):
        began_s = time.time()
        call.hospital.clinic.lose(100)
        await asyncio.sleep(cut_s)  # the length of the cut is the fault itself
        if cut_s > 10:
            await call.says("text", began_s)
            await call.says_cut(began_s)
            await looks_well(call.clinic, "call-cut")
        call.hospital.clinic.mend()
        await call.is_whole()
    people = [each["person_id"] for each in (await call.record())["attendances"]]
    world = call.hospital.house.world
    both = [world.person(side, role).id for role, side in (_PHYSICIAN, _EXPERT)]
    assert sorted(people) == sorted(both), "both are in the same record, once each"


async def test_they_talk_on_for_a_minute_while_a_fifth_of_all_packets_is_lost_and_see_again(
    call: Call,
) -> None:
    for percent in (5, 10):
        call.hospital.clinic.lose(percent)
        await both_hear(call, 0.6)
    began_s = time.time()
    call.hospital.clinic.lose(20)
    least = 1.0
    while time.time() < began_s + _MINUTE_S:
        least = min(least, await least_heard(call))
    assert least > 0.3, "at any time"
    await call.says("lower", began_s)
    await call.goes_on()
    assert not any(each.rung == "text" for each in await call.seen(began_s))
    call.hospital.clinic.mend()
    await call.is_whole()
    await both_hear(call, 0.9)
    await call.record()


async def test_pictures_go_and_sound_stays_as_a_line_grows_thin_and_they_come_back_as_it_widens(
    call: Call,
) -> None:
    call.hospital.clinic.squeeze(800)
    await both_hear(call, 0.8)
    await call.goes_on()
    call.hospital.clinic.squeeze(256)
    await both_hear(call, 0.8)
    began_s = time.time()
    call.hospital.clinic.squeeze(100)
    await call.says("sound", began_s)
    await looks_well(call.clinic, "call-thin")
    await call.reader.at("[data-together-open]").click()
    shown = await eventually(lambda: whole(call.reader), within_s=_PATIENCE_S)
    assert shown[1].startswith("application/dicom;")
    arrived = await eventually(lambda: whole(call.clinic), within_s=_PATIENCE_S)
    assert arrived == shown, "the picture that is looked at comes as it was taken"
    await both_hear(call, 0.8)
    call.hospital.clinic.mend()
    await call.is_whole()
    await call.record()

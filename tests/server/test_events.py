"""The event stream: heard at once by those who may, resumed without loss, silent for all others."""

import asyncio
import contextlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from consult.cases.model import Case, ServiceType
from consult.kernel.work import Entry, Role, Work
from server.routes.events import HEARTBEAT_S
from server.stream import OLDEST_LINES
from tests.makers.cases import (
    CONSULTATION_ANSWERS,
    citizen_number,
    fill_in,
    make_draft,
    make_patient,
)
from tests.makers.grown import open_grown
from tests.makers.listener import Listener
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side, let_in
from tests.makers.world_story import consent_to

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
STREAMS = 12
LONGEST_AFTER_REVOKED_S = 5
_SEQUENCES = iter(range(302, 999, 2))


@pytest.fixture(
    scope="module", params=["own folder", pytest.param("grown", marks=pytest.mark.postgres)]
)
def house(
    request: pytest.FixtureRequest, house: WorldHouse, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorldHouse]:
    """The house of every test, and one of two web processes on PostgreSQL, Redis and S3."""
    if request.param == "own folder":
        yield house
        return
    folder = tmp_path_factory.mktemp("grown")
    cluster, s3 = (request.getfixturevalue(name) for name in ("cluster", "s3"))
    with open_grown(cluster, folder, s3) as grown:
        yield grown.house


def physician_of(house: WorldHouse) -> Person:
    """Who asks."""
    return house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)


def expert_of(house: WorldHouse) -> Person:
    """Who is asked."""
    return house.world.person(Side.LEAD, Role.EXPERT)


def strangers_of(house: WorldHouse) -> list[Person]:
    """Everybody of another consortium."""
    return [house.world.person(Side.AWAY, role) for role in Role]


def make_ready(house: WorldHouse) -> Case:
    """A consultation that only has to be sent."""
    world = house.world
    patient = make_patient(
        world.consortium, name="听风", document_number=citizen_number(next(_SEQUENCES))
    )
    consent_to(world, patient)
    draft = make_draft(world.consortium, patient, service_type=ServiceType.REMOTE_CONSULTATION)
    return fill_in(world.consortium, draft, CONSULTATION_ANSWERS)


async def submit(house: WorldHouse, case: Case) -> None:
    """Send it as the page does."""
    body = {"version": case.revision, "answers": CONSULTATION_ANSWERS}
    async with house.visitor(physician_of(house)) as visitor:
        status, answer = await visitor.send(f"/api/cases/{case.id}/submit", body)
    assert status == 200, answer


async def test_a_submitted_case_is_heard_within_a_second_by_three_and_by_no_stranger(
    house: WorldHouse,
) -> None:
    case = await asyncio.to_thread(make_ready, house)
    near = [physician_of(house), expert_of(house), house.world.person(Side.LEAD, Role.MANAGER)]
    async with contextlib.AsyncExitStack() as stack:
        hearing = [await stack.enter_async_context(Listener(house.base, who)) for who in near]
        deaf = [
            await stack.enter_async_context(Listener(house.base, who))
            for who in strangers_of(house)
        ]
        await submit(house, case)
        sent_at = time.monotonic()
        heard = [await each.hear("case.assigned", case.id) for each in hearing]
        await asyncio.sleep(1)
        assert max(each.at for each in heard) - sent_at < 1
        assert [line.data for each in deaf for line in each.entries] == []
        _assert_only_codes(heard[0].data)


async def test_a_stream_is_resumed_without_loss_or_repetition(house: WorldHouse) -> None:
    first, second, third = [await asyncio.to_thread(make_ready, house) for _ in range(3)]
    async with Listener(house.base, expert_of(house)) as before:
        await submit(house, first)
        await before.hear("case.assigned", first.id)
    await submit(house, second)
    last = before.heard[-1].position
    async with Listener(house.base, expert_of(house), last=last) as after:
        await after.hear("case.assigned", second.id)
        await submit(house, third)
        await after.hear("case.assigned", third.id)
    heard = [each.position for each in [*before.entries, *after.entries]]
    sent_at = (await before.hear("case.submitted", first.id)).position
    async with house.visitor(expert_of(house)) as visitor:
        _status, told = await visitor.get(f"/api/events/since?position={sent_at - 1}")
    assert told["reset"] is False
    assert {first.id, second.id, third.id} <= {line["object_id"] for line in told["entries"]}
    since = [line["position"] for line in told["entries"]]
    up_to = since.index(heard[-1]) + 1
    assert [position for position in heard if position >= sent_at] == since[:up_to]
    assert heard == sorted(set(heard))


async def test_whoever_was_away_too_long_is_told_to_read_anew(house: WorldHouse) -> None:
    async with Listener(house.base, expert_of(house)) as stream:
        long_ago = stream.heard[0].position
    await asyncio.to_thread(house.world.now.system, _write_many)
    await asyncio.to_thread(house.world.now.lines)  # once all of them are numbered
    for position in (long_ago, 2**53 - 1):
        async with Listener(house.base, expert_of(house), last=position) as again:
            await again.wait_for(lambda: bool(again.heard))
            assert again.heard[0].event == "reset"
        async with house.visitor(expert_of(house)) as visitor:
            _status, told = await visitor.get(f"/api/events/since?position={position}")
            assert (told["reset"], told["entries"]) == (True, [])


async def test_a_silent_stream_shows_that_it_lives_and_ends_with_its_session(
    house: WorldHouse,
) -> None:
    """T5: nobody goes on listening after her session was ended."""
    double = await asyncio.to_thread(
        let_in, house.world.now, house.world.doubles[Side.LEAD, Role.REVIEWER]
    )
    async with Listener(house.base, double) as stream, house.visitor(double) as visitor:
        await stream.wait_for(lambda: stream.signs > 0, within_s=HEARTBEAT_S + 3)
        status, _answer = await visitor.send("/api/sign-out")
        assert status == 200
        await stream.wait_for(lambda: stream.is_over, within_s=HEARTBEAT_S + 3)


async def test_a_session_that_is_revoked_elsewhere_hears_nothing_after_five_seconds(
    house: WorldHouse,
) -> None:
    """T5: the stream of the stolen browser ends, the owner's goes on."""
    case = await asyncio.to_thread(make_ready, house)
    expert, now = expert_of(house), house.world.now
    stolen = await asyncio.to_thread(let_in, now, expert)
    async with (
        Listener(house.base, stolen) as theirs,
        Listener(house.base, expert) as own,
        house.visitor(expert) as visitor,
    ):
        path = f"/api/account/sessions/{stolen.actor.session_id}/revoke"
        status, _answer = await visitor.send(path)
        assert status == 200
        await theirs.wait_for(lambda: theirs.is_over, within_s=LONGEST_AFTER_REVOKED_S)
        await submit(house, case)
        await own.hear("case.assigned", case.id)
        assert not own.is_over
        assert case.id not in {line.data["object_id"] for line in theirs.entries}


async def test_twelve_streams_stay_open_and_the_pages_go_on(house: WorldHouse) -> None:
    case = await asyncio.to_thread(make_ready, house)
    async with contextlib.AsyncExitStack() as stack:
        streams = [
            await stack.enter_async_context(Listener(house.base, expert_of(house)))
            for _ in range(STREAMS)
        ]
        visitor = await stack.enter_async_context(house.visitor(expert_of(house)))
        status, _page = await visitor.page("/worklist")
        assert status == 200
        await submit(house, case)
        for stream in streams:
            await stream.hear("case.assigned", case.id)


def _assert_only_codes(data: dict[str, Any]) -> None:
    """No word of a patient travels with an event."""
    assert set(data) == {"position", "kind", "object_type", "object_id", "case_id", "at"}


def _write_many(work: Work) -> None:
    for number in range(OLDEST_LINES + 1):
        work.journal(Entry("clock.test", "clinic", f"{number:032x}"))

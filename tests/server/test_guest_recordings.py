"""Whoever came into a call by a link is asked before she is recorded; her word is kept (T21)."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.makers import clips
from tests.makers.guests import IDENTITY, ROOM, GuestPeer, make_by_door, patient_of, use
from tests.makers.media_house import eventually
from tests.makers.recorded_calls import RecordedCall, open_recording_house, recorded_call
from tests.makers.recordings import Player
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
_RECORDING = f"{ROOM}/recording"


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    with open_recording_house(tmp_path_factory.mktemp("guests") / "house") as opened:
        yield opened


@pytest.fixture
async def call(house: WorldHouse) -> AsyncIterator[RecordedCall]:
    async with recorded_call(house) as opened:
        yield opened


@pytest.fixture
async def patient(call: RecordedCall) -> AsyncIterator[Visitor]:
    """She used a link, said who she is and was let in; her line is not there yet."""
    async with Visitor(call.house.base) as visitor:
        person_id, token = await make_by_door(call.host, call.case_id, "patient")
        assert await use(visitor, token) == 200
        name, tail = await patient_of(call.host, call.house)
        assert (await visitor.send(IDENTITY, {"name": name, "tail": tail}))[0] == 200
        assert (await visitor.send(f"{ROOM}/knock"))[0] == 200
        body = {"person_id": person_id, "admitted": True}
        assert (await call.host.send(f"/api/cases/{call.case_id}/room/answer", body))[0] == 200
        yield visitor


async def says(visitor: Visitor, *, agreed: bool) -> dict[str, object]:
    status, told = await visitor.send(f"{_RECORDING}/answer", {"agreed": agreed})
    assert status == 200, told
    return dict(told)


async def is_awaited(call: RecordedCall, name: str) -> bool:
    """Whether she alone is waited for: her line is written down a moment after she came."""
    return [each["name"] for each in (await call.told(call.host))["awaited"]] == [name]


async def test_a_patient_holds_it_agrees_is_recorded_and_is_named_where_it_is_played(
    call: RecordedCall, patient: Visitor, tmp_path: Path
) -> None:
    await call.begin()
    await call.everyone_told("on")
    peer = GuestPeer(patient)
    await peer.join()
    try:
        assert (await peer.hear("welcome"))["recording"]["state"] == "paused"
        await eventually(lambda: is_awaited(call, "患者本人"))
        seen = (await patient.get(_RECORDING))[1]
        assert (seen["state"], seen["own"], seen["may_lead"]) == ("paused", "none", False)
        assert (await says(patient, agreed=True))["own"] == "agreed"
        await call.is_in(call.host, "on")
        await peer.publish()
        shown, heard = clips.pictures(2), clips.sound(2)
        await Player(peer).play(shown, heard)
        await call.step(call.host, "stop")
    finally:
        await peer.close()
    files = await call.taken(call.host, 2)
    assert sorted(each.kind for each in files) == ["camera", "microphone"]
    for file in files:
        assert clips.probe(await call.fetch(call.host, file, tmp_path))["frames"]
    recording_id = (await call.recordings(call.host))[0]
    _, page = await call.host.page(f"/cases/{call.case_id}/recordings/{recording_id}")
    assert "患者本人" in page
    assert "凭链接加入" in page


async def test_her_refusal_ends_it_for_everybody_and_no_side_is_blamed(
    call: RecordedCall, patient: Visitor
) -> None:
    await call.begin()
    peer = GuestPeer(patient)
    await peer.join()
    try:
        await peer.hear("welcome")
        told = await says(patient, agreed=False)
        assert (told["state"], told["why"], told["own"]) == ("ended", "refused", "refused")
        await call.everyone_told("off")
        seen = await call.told(call.guest)
        assert (seen["refused_by"], seen["awaited"]) == (["guest"], [])
        assert (await call.step(call.host, status=409))["code"] == "recording-refused"
        await says(patient, agreed=True)
        assert (await call.step(call.host))["refused_by"] == []
        await call.is_in(call.host, "on")
        paused = await patient.send(f"{_RECORDING}/pause", {})
        assert (paused[0], paused[1]["state"], paused[1]["why"]) == (200, "paused", "private")
        await call.everyone_told("paused")
        assert (await says(patient, agreed=False))["why"] == "refused"
        await call.everyone_told("off")
    finally:
        await peer.close()


async def test_nobody_answers_who_was_not_let_in(call: RecordedCall) -> None:
    await call.step(call.host)
    async with Visitor(call.house.base) as stranger:
        assert (await stranger.get(_RECORDING))[0] == 403
        _, token = await make_by_door(call.host, call.case_id, "patient")
        assert await use(stranger, token) == 200
        for word in ("answer", "pause"):
            body = {"agreed": True} if word == "answer" else {}
            assert (await stranger.send(f"{_RECORDING}/{word}", body))[0] == 409, word
        assert (await stranger.get(_RECORDING))[0] == 409
    assert (await call.told(call.host))["state"] == "asked"


async def test_pages_that_ask_as_the_call_ends_hear_that_nobody_speaks_and_nothing_is_recorded(
    call: RecordedCall, patient: Visitor
) -> None:
    assert (await call.host.send(f"/api/cases/{call.case_id}/room/end"))[0] == 200
    assert (await call.told(call.host))["state"] == "none"
    assert (await call.told(call.guest))["state"] == "none"
    status, seen = await patient.get(_RECORDING)
    assert (status, seen["state"]) == (200, "none")
    nobody = (200, {"turns": [], "may_lead": False})
    assert await call.host.get(f"/api/cases/{call.case_id}/room/turns") == nobody
    assert await patient.get("/api/join/room/turns") == nobody
    await call.step(call.host, status=409)
    assert (await patient.send(f"{_RECORDING}/pause", {}))[0] in {403, 409}

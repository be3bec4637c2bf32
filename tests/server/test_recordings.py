"""A call is recorded with everybody's consent and no other way, and what was recorded is kept."""

import asyncio
import contextlib
import os
import shutil
import signal
import sqlite3
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from consult.kernel.work import Role
from server.__main__ import run
from tests.makers import clips
from tests.makers.grown import children_of
from tests.makers.media_house import eventually
from tests.makers.recorded_calls import (
    RecordedCall,
    media_is_there,
    open_recording_house,
    recorded_call,
)
from tests.makers.room_visitors import WebPeer
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    with open_recording_house(tmp_path_factory.mktemp("recordings") / "house") as opened:
        yield opened


@pytest.fixture
async def call(house: WorldHouse) -> AsyncIterator[RecordedCall]:
    async with recorded_call(house) as opened:
        yield opened


async def test_a_call_is_recorded_once_both_have_agreed_and_is_played_back(
    call: RecordedCall, tmp_path: Path
) -> None:
    asked = await call.step(call.host)
    assert asked["state"] == "asked"
    assert [each["name"] for each in asked["awaited"]]
    assert not [each for each in call.peers[0].told if each["told"] == "recording"]
    await call.agree(call.guest)
    await call.is_in(call.guest, "on")
    await call.everyone_told("on")
    await call.talk(2)
    ended = await call.step(call.host, "stop")
    assert (ended["state"], ended["why"]) == ("ended", "stopped")
    await call.everyone_told("off")
    files = await call.taken(call.guest, 4)
    assert sorted(each.kind for each in files) == [
        *("camera", "camera", "microphone", "microphone")
    ]
    for file in files:
        path = await call.fetch(call.guest, file, tmp_path)
        found = clips.probe(path)
        codec = "opus" if file.kind == "microphone" else "vp8"
        assert found["streams"][0]["codec_name"] == codec
        assert file.starts_ms >= 0
        assert file.length_ms > 1500
    _, timeline = await call.host.page(f"/cases/{call.case_id}")
    assert "开始录制" in timeline


async def test_one_refusal_prevents_it_until_she_changes_her_mind(call: RecordedCall) -> None:
    before = await call.recordings(call.host)
    await call.step(call.host)
    refused = await call.refuse(call.guest)
    assert (refused["state"], refused["why"]) == ("ended", "refused")
    told = await call.told(call.host)
    assert told["refused_by"] == ["invited"]
    assert told["awaited"] == []
    again = await call.step(call.host, status=409)
    assert again["code"] == "recording-refused"
    assert not any(each["told"] == "recording" for each in call.peers[1].told)
    assert await call.recordings(call.host) == before
    await call.agree(call.guest)
    assert (await call.step(call.host))["refused_by"] == []
    await call.is_in(call.host, "on")


async def test_who_takes_her_consent_back_ends_it_at_once(call: RecordedCall) -> None:
    await call.begin()
    await call.talk(1)
    told = await call.refuse(call.guest)
    assert (told["state"], told["why"], told["own"]) == ("ended", "refused", "refused")
    await call.everyone_told("off")
    assert await call.taken(call.host, 4)


async def test_who_comes_later_is_not_recorded_and_nobody_is_before_she_agreed(
    call: RecordedCall,
) -> None:
    await call.begin()
    await call.everyone_told("on")
    photographer = call.house.world.person(Side.HOME, Role.PHOTOGRAPHER)
    room = f"/api/cases/{call.case_id}/room"
    async with call.house.visitor(photographer) as third:
        await third.send(f"{room}/knock")
        body = {"person_id": photographer.id, "admitted": True}
        assert (await call.host.send(f"{room}/answer", body))[0] == 200
        late = WebPeer(third, call.case_id)
        await late.join()
        try:
            welcome = await late.hear("welcome")
            assert welcome["recording"]["state"] == "paused"
            paused = await call.is_in(call.host, "paused")
            assert paused["why"] == "consent"
            await eventually(lambda: is_awaited(call, photographer))
            await call.agree(third)
            await call.is_in(call.host, "on")
            while (await late.hear("recording"))["state"] != "on":
                pass
        finally:
            await late.close()


async def is_awaited(call: RecordedCall, person: Person) -> bool:
    """Whether this person alone is waited for: her line is written down a moment after she came."""
    awaited = (await call.told(call.host))["awaited"]
    return [each["person_id"] for each in awaited] == [person.id]


async def test_anybody_pauses_for_privacy_and_whoever_leads_goes_on(call: RecordedCall) -> None:
    photographer = call.house.world.person(Side.HOME, Role.PHOTOGRAPHER)
    await call.begin()
    await call.everyone_told("on")
    paused = await call.step(call.guest, "pause")
    assert (paused["state"], paused["why"]) == ("paused", "private")
    await call.everyone_told("paused")
    async with call.house.visitor(photographer) as outside:
        await call.step(outside, "pause", status=409)
        await call.step(outside, "resume", status=403)
    assert (await call.step(call.host, "resume"))["state"] == "on"
    await call.everyone_told("on")


async def test_web_that_is_killed_leaves_the_recording_as_it_was_agreed(
    call: RecordedCall,
) -> None:
    await call.begin()
    await call.talk(1)
    (web,) = children_of(call.house.house.process.pid, "web")
    os.kill(web, signal.SIGKILL)

    async def is_back() -> bool:
        found = children_of(call.house.house.process.pid, "web")
        return bool(found) and found != [web] and await _answers(call)

    await eventually(is_back)
    for peer in call.peers:
        await peer.come_back()
    await call.is_in(call.host, "on")
    await call.step(call.host, "stop")
    files = await call.taken(call.host, 4)
    assert len(files) == 4


async def _answers(call: RecordedCall) -> bool:
    try:
        return (await call.host.get(f"/api/cases/{call.case_id}/room"))[0] == 200
    except OSError:
        return False


async def test_a_part_that_web_took_before_it_died_is_not_taken_twice(
    call: RecordedCall, tmp_path: Path
) -> None:
    """Dying between the rows and the acknowledgement leaves the part in the outbox."""
    await call.begin()
    await call.talk(1)
    (writing,) = call.waiting()
    (web,) = children_of(call.house.house.process.pid, "web")
    os.kill(web, signal.SIGSTOP)  # so that the part can be copied before it is taken
    try:
        os.kill(_media_pid(call), signal.SIGKILL)
        await eventually(lambda: '"closed"' in (writing / "manifest.json").read_text())
        shutil.copytree(writing, tmp_path / "part")
    finally:
        os.kill(web, signal.SIGCONT)
    await call.taken(call.host, 4)
    recording_id = (await call.recordings(call.host))[0]
    before = await call.files(call.host, recording_id)
    shutil.copytree(tmp_path / "part", writing)
    await eventually(lambda: not writing.exists())
    after = await call.files(call.host, recording_id)
    assert {each.path for each in before} <= {each.path for each in after}
    assert len([each for each in after if each.starts_ms < 500]) == 4


def _media_pid(call: RecordedCall) -> int:
    (found,) = children_of(call.house.house.process.pid, "media")
    return found


async def test_a_media_process_that_dies_leaves_a_first_part_and_goes_on_with_a_second(
    call: RecordedCall, tmp_path: Path
) -> None:
    await call.begin()
    await call.talk(2)
    os.kill(_media_pid(call), signal.SIGKILL)
    for peer in call.peers:
        assert await peer.is_cut()
    await eventually(lambda: media_is_there(call.house))
    for peer in call.peers:
        await peer.come_back()
        await peer.publish()
    await call.everyone_told("on")
    await call.talk(2)
    await call.step(call.host, "stop")
    files = await call.taken(call.host, 8)
    starts = sorted(each.starts_ms for each in files)
    assert len(starts) == 8
    assert starts[4] > starts[3] + 1000
    for file in files:
        assert clips.probe(await call.fetch(call.host, file, tmp_path))["frames"]


async def test_what_was_changed_in_the_outbox_is_not_taken_and_stays(
    call: RecordedCall,
) -> None:
    await call.begin()
    await call.talk(1)
    (web,) = children_of(call.house.house.process.pid, "web")
    (part,) = call.waiting()
    os.kill(web, signal.SIGSTOP)
    try:
        os.kill(_media_pid(call), signal.SIGKILL)
        await eventually(lambda: '"closed"' in (part / "manifest.json").read_text())
        track = part / "1.webm.sealed"
        data = bytearray(track.read_bytes())
        data[len(data) // 2] ^= 1
        track.write_bytes(data)
    finally:
        os.kill(web, signal.SIGCONT)
    await eventually(lambda: "recording not taken" in call.house.house.log())
    assert part.exists()
    shutil.rmtree(part)


async def test_nobody_else_plays_or_takes_it_and_a_file_leaves_with_its_reason(
    call: RecordedCall,
) -> None:
    await call.begin()
    await call.talk(1)
    await call.step(call.host, "stop")
    file = (await call.taken(call.host, 4))[0]
    recording_id = (await call.recordings(call.host))[0]
    page = f"/cases/{call.case_id}/recordings/{recording_id}"
    person = call.house.world.person
    for stranger, status in (
        (person(Side.AWAY, Role.EXPERT), 404),
        (person(Side.HOME, Role.MANAGER), 403),
    ):
        async with call.house.visitor(stranger) as visitor:
            for path in (page, file.path, f"{file.path}/file?reason=archive"):
                assert (await visitor.picture(f"{visitor.base}{path}"))[0] == status, path
            assert "/recordings/" not in (await visitor.page(f"/cases/{call.case_id}"))[1]
    async with call.house.visitor(person(Side.HOME, Role.PHOTOGRAPHER)) as photographer:
        assert (await photographer.picture(f"{photographer.base}{file.path}"))[0] == 200
        download = f"{photographer.base}{file.path}/file?reason=archive"
        assert (await photographer.picture(download))[0] == 403
    assert (await call.host.picture(f"{call.host.base}{file.path}/file"))[0] == 422
    status, data = await call.host.picture(f"{call.host.base}{file.path}/file?reason=archive")
    assert status == 200
    assert data.startswith(b"\x1a\x45\xdf\xa3")
    headers = {"Range": f"bytes={len(data)}-"}
    async with call.host.raw.get(f"{call.host.base}{file.path}", headers=headers) as beyond:
        assert beyond.status == 416


async def test_what_is_kept_is_read_back_by_verify_and_a_changed_byte_is_named(
    call: RecordedCall, capsys: pytest.CaptureFixture[str]
) -> None:
    await call.begin()
    await call.talk(1)
    await call.step(call.host, "stop")
    await call.taken(call.host, 4)
    data_dir = call.house.house.data_dir
    verify = ["verify", "--data-dir", str(data_dir)]
    assert await asyncio.to_thread(run, verify) == 0
    with contextlib.closing(sqlite3.connect(data_dir / "lianzhen.db")) as database:
        ((key,),) = database.execute("SELECT max(key) FROM room_recording_tracks").fetchall()
    institution, blob = key.split("/")
    stored = data_dir / "blobs" / institution / blob[-2:] / blob
    whole = stored.read_bytes()
    try:
        stored.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        capsys.readouterr()
        assert await asyncio.to_thread(run, verify) != 0
        assert blob in capsys.readouterr().err
    finally:
        stored.write_bytes(whole)

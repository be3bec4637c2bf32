"""Rooms that Janus carries, where it is away or ends, and what it cannot do for us (0293)."""

import contextlib
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from server.media.ends import COUNTERS, RATES, RECORDING
from server.media.janus.engine import JanusEngine
from server.media.janus.sending import find_sending
from server.media.own_engine import OwnEngine
from server.settings import load_settings
from server.supervisor.children import make_specs
from tests.makers.far_browsers import meeting_of_browsers
from tests.makers.janus import open_janus
from tests.makers.light_peer import LOOPBACK, LightPeer, use_address
from tests.makers.media_house import MediaHouse, eventually, open_media
from tests.makers.media_networks import open_media_network
from tests.makers.networks import ClinicNetwork, open_clinic_network

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]


@pytest.fixture
def network(tmp_path: Path) -> Iterator[ClinicNetwork]:
    """An address that is not loopback, which Janus and our peers use."""
    with open_clinic_network(tmp_path) as opened:
        use_address(opened.server)
        yield opened
        use_address(LOOPBACK)


@contextlib.contextmanager
def janus(network: ClinicNetwork, folder: Path) -> Iterator[Path]:
    first = 20_000 + secrets.randbelow(39_000)
    ports = range(first, first + 200)
    with open_janus(folder, address=network.server, ports=ports) as socket:
        yield socket


@contextlib.asynccontextmanager
async def carried_by(folder: Path, socket: Path) -> AsyncIterator[MediaHouse]:
    async with open_media(folder, media_janus=str(socket)) as house:
        yield house


async def come(house: MediaHouse, room: str, person: str) -> LightPeer:
    peer = LightPeer(house.desk, room, house.token(room, person))
    await peer.join()
    await peer.hear("welcome")
    await peer.publish()
    return peer


async def test_no_room_is_opened_while_janus_is_away(tmp_path: Path) -> None:
    async with carried_by(tmp_path / "house", tmp_path / "nothing.sock") as house:
        told = await house.desk.ask("open", room="call", key="0" * 64)
        assert told["refused"] == "engine-away"
        assert (await house.desk.ask("health"))["rooms"] == 0


async def test_what_janus_lacks_is_refused_with_its_reason(
    tmp_path: Path, network: ClinicNetwork
) -> None:
    with janus(network, tmp_path / "janus") as socket:
        async with carried_by(tmp_path / "house", socket) as house:
            room = await house.open_room()
            wish = {"recording": "rec", "key": "0" * 64, "consented": ["ann"]}
            for word in ("record", "record-pause", "record-stop"):
                told = await house.desk.ask(word, room=room, **wish)
                assert told["refused"] == "engine-lacks-recording"
            assert (await house.desk.ask("close", room=room))["closed"]


async def test_a_description_that_janus_does_not_take_ends_nothing_for_others(
    tmp_path: Path, network: ClinicNetwork
) -> None:
    with janus(network, tmp_path / "janus") as socket:
        async with carried_by(tmp_path / "house", socket) as house:
            room = await house.open_room()
            ann, bob = [await come(house, room, person) for person in ("ann", "bob")]
            cat = LightPeer(house.desk, room, house.token(room, "cat"))
            await cat.join()
            await cat.hear("welcome")
            broken = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\na=sendonly\r\n"
            cat.say(say="publish", offer=broken, sources={"0": "camera"})
            assert (await cat.hear("refused"))["code"] == "description-malformed"
            await ann.send_until(lambda: b"still" in bob.texts(ann.name), text=b"still")
            for peer in (ann, bob, cat):
                await peer.close()


async def test_people_meet_again_once_a_janus_that_ended_is_there_again(
    tmp_path: Path, network: ClinicNetwork
) -> None:
    folder = tmp_path / "janus"
    with contextlib.ExitStack() as first:
        socket = first.enter_context(janus(network, folder))
        async with carried_by(tmp_path / "house", socket) as house:
            room = await house.open_room()
            ann, bob = [await come(house, room, person) for person in ("ann", "bob")]
            await ann.send_until(lambda: b"before" in bob.texts(ann.name), text=b"before")
            first.close()
            for path in sorted(folder.iterdir()):
                path.unlink()
            folder.rmdir()
            with janus(network, folder):
                for peer in (ann, bob):
                    await peer.publish()  # as a page does whose connection ended
                for one, other in ((ann, bob), (bob, ann)):
                    text = f"after {one.name}".encode()
                    await one.send_until(
                        lambda one=one, other=other, text=text: text in other.texts(one.name),
                        text=text,
                    )
                for peer in (ann, bob):
                    await peer.close()


@pytest.mark.browser
async def test_two_browsers_see_and_hear_each_other_through_janus(tmp_path: Path) -> None:
    with open_media_network(tmp_path) as hospital:
        inside = hospital.inside(hospital.hospital)
        where = {"address": hospital.media_address, "ports": range(20_000, 21_000)}
        with open_janus(tmp_path / "janus", inside=inside, **where) as socket:
            async with carried_by(tmp_path / "house", socket) as house:
                async with meeting_of_browsers(hospital, house, "ann", "bob") as pages:
                    for page in pages:
                        await eventually(page.sees_and_hears, within_s=120)


def test_an_engine_says_what_it_lacks_and_is_chosen_by_the_setting(tmp_path: Path) -> None:
    assert frozenset() == OwnEngine.lacks
    assert frozenset({RECORDING, RATES, COUNTERS}) == JanusEngine.lacks
    told = {"data_dir": str(tmp_path), "media": True, "media_janus": "/run/janus.sock"}
    (spec,) = [each for each in make_specs(load_settings(told), locks=()) if each.name == "media"]
    assert (spec.environment or {})["LIANZHEN_MEDIA_JANUS"] == "/run/janus.sock"


def test_a_section_sends_unless_it_says_that_it_does_not() -> None:
    offer = (
        "v=0\r\n"
        "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\na=inactive\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:2\r\na=recvonly\r\n"
        "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:3\r\n"
    )
    assert find_sending(offer) == {"0": "audio", "3": "video"}

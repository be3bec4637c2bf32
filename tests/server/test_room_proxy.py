"""Lines into video rooms pass the nginx of docs/nginx.conf, the doctor's and the guest's (T20)."""

import secrets
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from consult.kernel.work import Role
from server.tls.authority import Authority
from tests.makers import nginx as proxies
from tests.makers.certificates import make_authority, trusting
from tests.makers.guests import IDENTITY, ROOM, patient_of
from tests.makers.media_house import eventually
from tests.makers.nginx import PREFIX, SEEN_AS, Nginx, open_nginx
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


@dataclass(frozen=True)
class Portal:
    """A house with video, and nginx in front of it."""

    house: WorldHouse
    nginx: Nginx
    trust: ssl.SSLContext

    def visitor(self) -> Visitor:
        """A browser that comes by the proxy."""
        return Visitor(self.nginx.base, prefix=PREFIX, trust=self.trust)

    def physician(self) -> Visitor:
        """The same, in which the physician is signed in."""
        person = self.house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
        visitor = self.visitor()
        visitor.raw.cookie_jar.update_cookies({"__Secure-lianzhen": person.token})
        visitor.token = person.csrf
        return visitor


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Whose certificate nginx shows."""
    return make_authority(tmp_path_factory.mktemp("room-portal") / "tls")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """The server knows its proxy."""
    first = 20_000 + secrets.randbelow(40_000)
    settings = {"media": "true", "media_ports": f"{first}-{first + 199}"}
    place = tmp_path_factory.mktemp("room-behind") / "house"
    with open_world(place, path_prefix=PREFIX, trusted_proxy=SEEN_AS, **settings) as opened:
        yield opened


async def called(portal: Portal, doctor: Visitor) -> str:
    """The API of the room of the case, in which the physician calls."""
    room = f"/api/cases/{portal.house.world.things['case']}/room"

    async def is_open() -> bool:
        return (await doctor.send(room))[0] == 200

    await eventually(is_open)
    return room


async def welcomed(visitor: Visitor, path: str) -> str:
    """What is said first by a line that goes through the proxy."""
    headers = {"Origin": visitor.base}
    async with visitor.raw.ws_connect(visitor.at(path), headers=headers) as socket:
        return str((await socket.receive_json())["told"])


async def test_the_doctors_line_and_the_guests_pass_the_proxy(
    house: WorldHouse, authority: Authority, tmp_path: Path
) -> None:
    with open_nginx(tmp_path / "nginx", authority, upstream=house.house.port) as nginx:
        portal = Portal(house, nginx, trusting(authority))
        async with portal.physician() as doctor, portal.visitor() as guest:
            room = await called(portal, doctor)
            assert await welcomed(doctor, f"{room}/line") == "welcome"
            _status, told = await doctor.send(f"{room}/links", {"for_whom": "patient"})
            assert told["address"].startswith(f"{nginx.base}{PREFIX}/join/")
            token = told["address"].rpartition("/")[2]
            assert (await guest.page(f"/join/{token}"))[0] == 200
            assert (await guest.send("/api/join", {"token": token}))[0] == 200
            (cookie,) = [each for each in guest.raw.cookie_jar if each.key.endswith("-guest")]
            assert (cookie.key, cookie["path"]) == ("__Secure-lianzhen-guest", f"{PREFIX}/")
            name, tail = await patient_of(doctor, house)
            assert (await guest.send(IDENTITY, {"name": name, "tail": tail}))[0] == 200
            assert (await guest.send(f"{ROOM}/knock"))[0] == 200
            body = {"person_id": told["link"]["id"], "admitted": True}
            assert (await doctor.send(f"{room}/answer", body))[0] == 200
            assert await welcomed(guest, f"{ROOM}/line") == "welcome"
        assert all(token not in line for line in nginx.asked())
        assert nginx.strays() == []


async def test_without_that_part_of_the_file_no_line_gets_through(
    house: WorldHouse, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = proxies.TEMPLATE.read_text("utf-8")
    whole = "(connection|join/room|cases/[0-9a-f]+/room)/line$"
    assert text.count(whole) == 1
    (tmp_path / "old.conf").write_text(text.replace(whole, "connection/line$"), "utf-8")
    monkeypatch.setattr(proxies, "TEMPLATE", tmp_path / "old.conf")
    with open_nginx(tmp_path / "nginx", authority, upstream=house.house.port) as nginx:
        portal = Portal(house, nginx, trusting(authority))
        async with portal.physician() as doctor:
            room = await called(portal, doctor)
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await welcomed(doctor, f"{room}/line")

"""Who is told of the relay, how often, and that nothing of it is written down."""

import base64
import hashlib
import hmac
from collections.abc import Iterator

import aiohttp
import pytest

from consult.kernel.work import Role
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = pytest.mark.server
URLS = "turn:turn.lianzhen.test:3478?transport=udp,turns:turn.lianzhen.test:443?transport=tcp"
SECRET = "nobody-may-read-this"
_TWO_HOURS_S = 7200


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with a relay that nobody needs to reach, and no video."""
    folder = tmp_path_factory.mktemp("relayed")
    (folder / "secret").write_text(SECRET)
    told = {"turn_urls": URLS, "turn_secret_file": str(folder / "secret")}
    with open_world(folder / "data", **told) as house:
        yield house


async def test_a_person_is_let_in_at_the_relay_for_a_while_and_not_too_often(
    relayed: WorldHouse,
) -> None:
    person = relayed.world.person(Side.HOME, Role.PHOTOGRAPHER)
    colleague = relayed.world.person(Side.LEAD, Role.EXPERT)
    names = set()
    async with relayed.visitor(person) as visitor, relayed.visitor(colleague) as other:
        for _ in range(30):
            status, told = await visitor.send("/api/connection/relay", {})
            assert status == 200
            names.add(told["username"].split(":")[1])
        proof = hmac.digest(SECRET.encode(), told["username"].encode(), hashlib.sha1)
        assert base64.b64decode(told["credential"]) == proof
        assert told["urls"] == URLS.split(",")
        assert told["life_s"] == _TWO_HOURS_S, "how long a page may go on with it, by any clock"
        status, refused = await visitor.send("/api/connection/relay", {})
        assert (status, refused["code"]) == (403, "connection-limited")
        assert (await other.send("/api/connection/relay", {}))[0] == 200
    assert len(names) == 1
    log = relayed.house.log()
    for private in (SECRET, told["credential"], told["username"]):
        assert private not in log


async def test_a_line_without_video_says_so_and_nobody_else_opens_one(relayed: WorldHouse) -> None:
    person = relayed.world.person(Side.LEAD, Role.EXPERT)
    path = f"{relayed.base}/api/connection/line"
    async with aiohttp.ClientSession(cookies=person.cookies) as session:
        async with session.ws_connect(path) as socket:
            assert await socket.receive_json(timeout=60) == {"told": "ready", "room": "off"}
    async with aiohttp.ClientSession() as stranger:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await stranger.ws_connect(path)
    assert refused.value.status == 401

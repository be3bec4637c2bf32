"""No other site can act in a person's name (T6)."""

from http import HTTPStatus

import aiohttp
import pytest

from consult.kernel.work import Role
from server.doors import Door
from tests.makers.asking import UNSAFE, Asked, make_question, open_client
from tests.makers.matrix import all_doors, somebody
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
UNSAFE_DOORS = [door for door in all_doors() if door.method in UNSAFE]
FOREIGN = {
    "no token": {"X-CSRF-Token": ""},
    "another's token": {"X-CSRF-Token": "0" * 64},
    "another site": {"Origin": "https://evil.example"},
    "a null origin": {"Origin": "null"},
    "our name as a prefix": {"Origin": "http://127.0.0.1.evil.example"},
    "another site's fetch": {"Sec-Fetch-Site": "cross-site"},
}


@pytest.mark.parametrize("how", FOREIGN)
async def test_no_unsafe_door_opens_to_another_site(house: WorldHouse, how: str) -> None:
    person = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    open_doors = []
    async with open_client(house.base) as session:
        for door in UNSAFE_DOORS:
            asked = make_question(door, house.things(person))
            status, code = await _send(session, asked, person, FOREIGN[how])
            if (status, code) != (HTTPStatus.FORBIDDEN, "cross-site-request"):
                open_doors.append(f"{door.name}: {status} {code}")
    assert len(UNSAFE_DOORS) > 50
    assert open_doors == []


async def test_the_same_requests_from_our_own_pages_pass_this_check(house: WorldHouse) -> None:
    person = house.world.person(Side.AWAY, Role.MANAGER)
    stopped = []
    async with open_client(house.base) as session:
        for door in UNSAFE_DOORS:
            if _ends_something(door):
                continue
            status, code = await _send(session, make_question(door, house.things()), person, {})
            if code == "cross-site-request" or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                stopped.append(f"{door.name}: {status} {code}")
    assert stopped == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_no_other_site_makes_a_person_take_a_file_out(house: WorldHouse, site: str) -> None:
    """Each such download is an entry in her name."""
    person = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    doors = [door for door in all_doors() if door.takes_out]
    assert len(doors) >= 3
    async with open_client(house.base) as session:
        for door in doors:
            asked = make_question(door, house.things(person))
            told = await _send(session, asked, person, {"Sec-Fetch-Site": site})
            assert told == (HTTPStatus.FORBIDDEN, "cross-site-request"), door.name
            for ours in ("same-origin", "none"):
                _status, code = await _send(session, asked, person, {"Sec-Fetch-Site": ours})
                assert code != "cross-site-request", door.name


async def test_a_form_of_another_site_cannot_sign_a_stranger_in(house: WorldHouse) -> None:
    async with open_client(house.base) as session:
        for door in UNSAFE_DOORS:
            if door.public:
                asked = make_question(door, house.things())
                told = await _send(session, asked, None, {"Origin": "https://evil.example"})
                assert told == (HTTPStatus.FORBIDDEN, "cross-site-request"), door.name


async def test_a_plain_text_body_is_never_read_as_json(house: WorldHouse) -> None:
    read = []
    async with open_client(house.base) as session:
        for door in UNSAFE_DOORS:
            if door.body is None:
                continue
            person = somebody(house.world, door)
            asked = make_question(door, house.things())
            headers = {"Content-Type": "text/plain"}
            status, _code = await _send(session, asked, person, headers)
            if not HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
                read.append(f"{door.name}: {status}")
    assert read == []


def _ends_something(door: Door) -> bool:
    return door.name.startswith(("account.", "sign_in.")) or door.public


async def _send(
    session: aiohttp.ClientSession, asked: Asked, person: Person | None, changes: dict[str, str]
) -> tuple[int, str]:
    base = str(session._base_url).rstrip("/")  # noqa: SLF001 - what a browser would send
    headers = {"Origin": base, "Accept": "application/json", **asked.headers}
    if person is not None:
        headers |= {"Cookie": f"lianzhen={person.token}", "X-CSRF-Token": person.csrf}
    headers |= changes
    options = {} if asked.json is None else {"json": asked.json}
    if changes.get("Content-Type") == "text/plain":
        options = {"data": b"{}"}
    async with session.request(asked.method, asked.path, headers=headers, **options) as answer:
        text = await answer.text(errors="replace")
        return answer.status, "cross-site-request" if "cross-site-request" in text else ""

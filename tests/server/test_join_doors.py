"""Coming into a room by a link, at web's doors: once, for this room alone, and nothing besides."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial

import aiohttp
import pytest

from consult.kernel.work import Role
from tests.makers.asking import ask, make_question, open_client
from tests.makers.guests import (
    IDENTITY,
    ROOM,
    GuestPeer,
    guest_line,
    make_by_door,
    patient_of,
    use,
)
from tests.makers.matrix import all_doors
from tests.makers.media_house import eventually
from tests.makers.room_visitors import WebPeer, meet
from tests.makers.visitor import Visitor
from tests.makers.world import CANARIES
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(300)]
AT_ONCE = 20
_PUT_OUT = 4403


@dataclass(frozen=True)
class Call:
    """The physician's open call, and the case of it."""

    house: WorldHouse
    host: Visitor
    case_id: str

    @property
    def room(self) -> str:
        """The room's API."""
        return f"/api/cases/{self.case_id}/room"

    def browser(self) -> Visitor:
        """A browser that nobody has used."""
        return Visitor(self.house.base)

    async def admit(self, person_id: str, *, admitted: bool = True) -> None:
        """Let somebody in, or out."""
        body = {"person_id": person_id, "admitted": admitted}
        assert (await self.host.send(f"{self.room}/answer", body))[0] == 200

    async def bring(self, visitor: Visitor) -> str:
        """A patient who used a link, said who she is and was let in; her id in the room."""
        person_id, token = await make_by_door(self.host, self.case_id, "patient")
        assert await use(visitor, token) == 200
        name, tail = await patient_of(self.host, self.house)
        status, told = await visitor.send(IDENTITY, {"name": name, "tail": tail})
        assert (status, told) == (200, {"location": "/join"})
        assert (await visitor.send(f"{ROOM}/knock"))[1]["state"] == "waiting"
        await self.admit(person_id)
        return person_id


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video, behind a proxy that tells addresses."""
    first = 20_000 + secrets.randbelow(40_000)
    place = tmp_path_factory.mktemp("join") / "house"
    settings = {"media": "true", "media_ports": f"{first}-{first + 199}"}
    with open_world(place, trusted_proxy="127.0.0.1", **settings) as opened:
        yield opened


@pytest.fixture
async def call(house: WorldHouse) -> AsyncIterator[Call]:
    """A call that is open, and ends with the test."""
    physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with house.visitor(physician) as host:
        found = Call(house, host, house.world.things["case"])

        async def is_open() -> bool:
            return (await host.send(found.room))[0] == 200

        await eventually(is_open)
        yield found
        await host.send(f"{found.room}/end")


async def test_a_guest_is_sent_to_the_messages_of_the_call_and_to_no_discussion(call: Call) -> None:
    async with call.browser() as patient:
        await call.bring(patient)
        status, page = await patient.page("/join")
        assert status == 200
        assert "请在“会诊中的留言”中书写" in page
        assert "讨论" not in page
    _, of_member = await call.host.page(f"/cases/{call.case_id}/room")
    assert "请在讨论中书写" in of_member


async def test_looking_uses_nothing_up_and_of_twenty_at_once_one_gets_in(call: Call) -> None:
    _id, token = await make_by_door(call.host, call.case_id, "patient")
    async with call.browser() as scanner:
        for _ in range(3):
            status, page = await scanner.page(f"/join/{token}")
            assert (status, token in page) == (200, True)
            async with scanner.raw.head(f"/join/{token}") as answer:
                assert answer.status in {200, 405}
    browsers = [call.browser() for _ in range(AT_ONCE)]
    try:
        outcomes = await asyncio.gather(*(use(each, token) for each in browsers))
        assert sorted(outcomes) == [200] + [410] * (AT_ONCE - 1)
        winner = browsers[outcomes.index(200)]
        loser = browsers[outcomes.index(410)]
        assert (await winner.page("/join"))[0] == 200
        assert (await winner.page(f"/join/{token}"))[0] == 200  # led to where she stands
        status, page = await loser.page(f"/join/{token}")
        assert (status, "另一台设备" in page) == (410, True)
        assert (await loser.get(ROOM))[0] == 403
    finally:
        for each in browsers:
            await each.raw.close()


async def test_a_guest_says_who_she_is_before_she_may_knock(call: Call) -> None:
    _id, token = await make_by_door(call.host, call.case_id, "patient")
    async with call.browser() as guest:
        await use(guest, token)
        assert (await guest.send(f"{ROOM}/knock"))[1]["code"] == "guest-identity-needed"
        name, tail = await patient_of(call.host, call.house)
        wrong = {"name": name, "tail": "0000" if tail != "0000" else "1111"}
        status, told = await guest.send(IDENTITY, wrong)
        assert (status, told["errors"][0]["code"]) == (422, "guest-not-matched")
        await guest.send(IDENTITY, {"name": name, "tail": tail})
        assert (await guest.send(f"{ROOM}/knock"))[1]["state"] == "waiting"
        told = (await guest.get(ROOM))[1]
        assert (told["role"], list(told["people"])) == (None, [told["rooms"][0]["host_id"]])
        assert (await guest.send(f"{ROOM}/relay"))[0] == 409
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await guest_line(guest)
        assert refused.value.status == 409


async def test_a_guest_who_was_let_in_and_the_doctor_see_and_hear_each_other(call: Call) -> None:
    async with call.browser() as guest:
        person_id = await call.bring(guest)
        peers = WebPeer(call.host, call.case_id), GuestPeer(guest)
        try:
            for peer in peers:
                await peer.join()
                await peer.publish()
            await meet(*peers)
            assert {each["role"] for each in peers[0].people} == {"host", "guest"}
            told = (await call.host.get(call.room))[1]
            shown = told["people"][person_id]
            assert (shown["guest"], shown["identity"]) == ("patient", "matched")
            assert (await guest.send(f"{ROOM}/relay"))[0] == 200
        finally:
            for peer in peers:
                await peer.close()


async def test_whoever_is_turned_out_or_whose_link_is_taken_back_is_out(call: Call) -> None:
    for how in ("turned", "revoked"):
        async with call.browser() as guest:
            person_id = await call.bring(guest)
            socket = await guest_line(guest)
            assert (await socket.receive_json())["told"] == "welcome"
            if how == "turned":
                await call.admit(person_id, admitted=False)
            else:
                body = {"link_id": person_id}
                assert (await call.host.send(f"{call.room}/links/revoke", body))[0] == 200
            await eventually(partial(has_ended, socket))
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await guest_line(guest)


async def has_ended(socket: aiohttp.ClientWebSocketResponse) -> bool:
    """Read on until the line is closed."""
    await socket.receive()
    return socket.closed


async def test_after_a_cut_line_the_same_browser_comes_again_without_a_knock(call: Call) -> None:
    async with call.browser() as guest:
        await call.bring(guest)
        for _ in range(2):
            socket = await guest_line(guest)
            assert (await socket.receive_json())["told"] == "welcome"
            cut(socket)
        assert (await guest.get(ROOM))[1]["role"] == "guest"


def cut(socket: aiohttp.ClientWebSocketResponse) -> None:
    """The network takes the line away, without a word."""
    line = socket._conn  # noqa: SLF001 - aiohttp closes with a word, a cut line has none
    assert line is not None
    assert line.transport is not None
    line.transport.abort()


async def test_it_ends_with_the_room_and_opens_no_later_one(call: Call) -> None:
    async with call.browser() as guest:
        await call.bring(guest)
        assert (await call.host.send(f"{call.room}/end"))[0] == 200
        assert (await guest.get(ROOM))[1]["open_room_id"] is None
        assert (await guest.page("/join"))[0] == 410
        assert (await call.host.send(call.room))[0] == 200
        told = (await guest.get(ROOM))[1]
        assert (told["open_room_id"], told["role"]) == (None, None)
        assert (await guest.send(f"{ROOM}/knock"))[0] == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await guest_line(guest)


async def test_a_guests_cookie_opens_no_other_door_of_the_house(call: Call) -> None:
    async with call.browser() as guest:
        await call.bring(guest)
        cookies = {each.key: each.value for each in guest.raw.cookie_jar}
        assert set(cookies) == {"lianzhen_lang", "lianzhen-guest"}
        stolen = cookies["lianzhen-guest"]
        wrong = []
        async with open_client(call.house.base) as session:
            session.cookie_jar.update_cookies({"lianzhen-guest": stolen, "lianzhen": stolen})
            for door in all_doors():
                if door.public:
                    continue
                answer = await ask(session, make_question(door, call.house.things()), person=None)
                is_led = answer.headers.get("Location", "").startswith("/sign-in?next=")
                if not (is_led if door.is_page else answer.status in {401, 403}):
                    wrong.append(f"{door.method} {door.path}: {answer.status} {answer.code}")
        assert wrong == []


async def test_what_a_guest_is_shown_names_no_patient_and_no_case(call: Call) -> None:
    secret = {part for each in CANARIES for part in (each.name, each.number, each.phone)}
    secret |= {call.case_id, call.house.world.things["patient"]}
    _id, token = await make_by_door(call.host, call.case_id, "patient")
    async with call.browser() as stranger, call.browser() as guest:
        seen = [(await stranger.page(f"/join/{token}"))[1], (await stranger.page("/join"))[1]]
        await use(stranger, token)
        seen.append((await stranger.page("/join"))[1])
        seen.append(str(await stranger.send(IDENTITY, {"name": "某人", "tail": "0000"})))
        await call.bring(guest)
        seen.append((await guest.page("/join"))[1])
        seen.append(str(await guest.get(ROOM)))
    assert [word for word in secret if any(word in page for page in seen)] == []
    assert all(word not in call.house.house.log() for word in (token, *secret - {call.case_id}))


async def test_a_guest_writes_in_the_call_and_reads_no_other(call: Call) -> None:
    words = f"{call.room}/words"
    async with call.browser() as guest:
        _id, token = await make_by_door(call.host, call.case_id, "patient")
        await use(guest, token)
        assert (await guest.get(f"{ROOM}/words"))[0] == 409  # not let in
        assert (await guest.send(f"{ROOM}/words", {"text": "有人吗"}))[0] == 409
    async with call.browser() as guest:
        await call.bring(guest)
        assert (await call.host.send(words, {"text": "听得见吗？"}))[0] == 200
        assert (await guest.send(f"{ROOM}/words", {"text": "听不见"}))[0] == 200
        assert (await guest.send(f"{ROOM}/words", {"text": "x" * 1001}))[0] == 422
        told = (await guest.get(f"{ROOM}/words"))[1]["words"]
        assert [(each["text"], each["is_mine"]) for each in told] == [
            ("听得见吗？", False),
            ("听不见", True),
        ]
        assert told[1]["name"] == "患者本人"
        seen = (await call.host.get(words))[1]
        assert ([each["text"] for each in seen["words"]], seen["has_guests"]) == (
            ["听得见吗？", "听不见"],
            True,
        )
        await call.host.send(f"{call.room}/end")
        assert (await guest.get(f"{ROOM}/words"))[0] == 403
        assert len((await call.host.get(words))[1]["words"]) == 2  # on record with the case
        await call.host.send(call.room)
        async with call.browser() as later:
            await call.bring(later)
            assert (await later.get(f"{ROOM}/words"))[1]["words"] == []
    assert "听不见" not in call.house.house.log()


async def test_looking_for_links_that_nobody_made_is_limited_by_address(call: Call) -> None:
    _id, token = await make_by_door(call.host, call.case_id, "colleague")
    async with call.browser() as guesser:
        far = {"X-Forwarded-For": "10.9.8.7", "X-Forwarded-Proto": "https"}
        seen = set()
        for number in range(70):
            seen.add((await guesser.page(f"/join/{number:022d}", headers=far))[0])
        assert seen == {410, 403}
        assert (await guesser.page(f"/join/{token}", headers=far))[0] == 403
        assert (await guesser.page(f"/join/{token}"))[0] == 200  # from another address


async def test_a_telephone_is_a_second_device_of_one_person_and_goes_with_her(call: Call) -> None:
    _id, token = await make_by_door(call.host, call.case_id, None)
    async with call.browser() as phone:
        assert await use(phone, token) == 200
        with pytest.raises(aiohttp.WSServerHandshakeError):  # she is not in the room herself
            await guest_line(phone)
        first, second = WebPeer(call.host, call.case_id), GuestPeer(phone)
        try:
            await first.join()
            await eventually(lambda: comes_in(second))
            await eventually(lambda: len(second.people) == 2)
            assert {each["device"] for each in second.people} == {"first", "companion"}
            assert len({each["person"] for each in second.people}) == 1
            await eventually(lambda: is_counted_once(call))
            first.say(say="leave")
            await eventually(lambda: second.close_code is not None)
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await guest_line(phone)
        finally:
            await first.close()
            await second.close()


async def is_counted_once(call: Call) -> bool:
    """Whether two devices are on record as one person's."""
    told = (await call.host.get(call.room))[1]["rooms"][0]["attendances"]
    return [each["stays"] for each in told] == [2]


async def comes_in(peer: GuestPeer) -> bool:
    """Whether the telephone has a line, which it has once its person is there."""
    try:
        await peer.join()
    except aiohttp.WSServerHandshakeError:
        return False
    return True

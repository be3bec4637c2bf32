"""Looking together through web's door: pictures of the case alone, by right, and on record."""

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest

from consult.kernel.work import Role
from tests.makers.media_house import eventually
from tests.makers.room_visitors import WebPeer
from tests.makers.together import view
from tests.makers.visitor import Visitor
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(240)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with video."""
    first = 20_000 + secrets.randbelow(40_000)
    place = tmp_path_factory.mktemp("looking") / "house"
    with open_world(place, media="true", media_ports=f"{first}-{first + 199}") as opened:
        yield opened


def room_of(house: WorldHouse) -> str:
    return f"/api/cases/{house.world.things['case']}/room"


@pytest.fixture
async def people(house: WorldHouse) -> AsyncIterator[list[Visitor]]:
    """The physician who called, an expert and a photographer, who were let in."""
    world = house.world
    persons = [
        world.person(Side.HOME, Role.REQUESTING_PHYSICIAN),
        world.person(Side.LEAD, Role.EXPERT),
        world.person(Side.HOME, Role.PHOTOGRAPHER),
    ]
    async with (
        house.visitor(persons[0]) as host,
        house.visitor(persons[1]) as expert,
        house.visitor(persons[2]) as photographer,
    ):

        async def is_open() -> bool:
            return (await host.send(room_of(house)))[0] == 200

        await eventually(is_open)
        for person, guest in zip(persons[1:], (expert, photographer), strict=True):
            assert (await guest.send(f"{room_of(house)}/knock"))[0] == 200
            body = {"person_id": person.id, "admitted": True}
            assert (await host.send(f"{room_of(house)}/answer", body))[0] == 200
        yield [host, expert, photographer]


async def test_pictures_of_the_case_are_shown_by_who_may_and_stand_on_record(
    house: WorldHouse, people: list[Visitor]
) -> None:
    case_id, image = house.world.things["case"], house.world.things["image"]
    peers = [WebPeer(each, case_id) for each in people]
    try:
        for peer in peers:
            await peer.join()
            await peer.hear("welcome")
        await show_by_right(house, peers, image)
        await is_on_record(house, people[0], peers[0], image)
        assert all(each["told"] != "shown" for peer in peers for each in peer.told)
    finally:
        for peer in peers:
            await peer.close()


async def show_by_right(house: WorldHouse, peers: list[WebPeer], image: str) -> None:
    """The photographer may not show; the expert may, and nothing but pictures of the case."""
    host, expert, photographer = peers
    photographer.say(say="present", person=house.world.person(*_PHOTOGRAPHER).id)
    assert (await photographer.hear("refused"))["code"] == "not-presenter"
    expert.say(say="present", person=house.world.person(*_EXPERT).id)
    expert.say(say="view", view=view(image="0" * 32))
    assert (await expert.hear("refused"))["code"] == "not-of-the-case"

    def is_taken() -> bool:
        """Web asks for the case's pictures anew every other second."""
        expert.say(say="view", view=view(image=image))
        return any(each["told"] == "view" for each in photographer.told)

    await eventually(is_taken)
    assert (await host.hear("view"))["view"]["image"] == image
    photographer.say(say="point", image=image, frame=1, at=[1, 2])
    assert (await expert.hear("point"))["at"] == [1.0, 2.0]


async def is_on_record(house: WorldHouse, visitor: Visitor, host: WebPeer, image: str) -> None:
    """Who showed it stands there, and its end once nobody shows it any more."""

    async def recorded() -> list[dict[str, str]]:
        _, told = await visitor.get(room_of(house))
        return list(told["rooms"][0]["shown"])

    shown = await eventually(recorded)
    assert [(each["image_id"], each["presenter_id"], each["ended_at"]) for each in shown] == [
        (image, house.world.person(*_EXPERT).id, None)
    ]
    host.say(say="present", person="")

    async def has_ended() -> bool:
        return (await recorded())[0]["ended_at"] is not None

    await eventually(has_ended)


_EXPERT = (Side.LEAD, Role.EXPERT)
_PHOTOGRAPHER = (Side.HOME, Role.PHOTOGRAPHER)

"""Machines that come to the doors of images with a token."""

from consult.kernel.work import Role
from consult.people.machines import service as machines
from consult.people.machines.model import Right
from server.auth.cookies import hash_token, make_token
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side


def add_machine(house: WorldHouse, *rights: Right, side: Side = Side.HOME) -> str:
    """A new machine of this side; its token."""
    token = make_token()
    world = house.world
    world.now.do(
        world.person(side, Role.ADMINISTRATOR).actor,
        machines.add_machine,
        institution_id=world.places[side],
        name="影像归档",
        rights=rights,
        token_hash=hash_token(token),
        expires_at=None,
    )
    return token

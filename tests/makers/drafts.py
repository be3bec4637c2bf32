"""A fresh draft of a fresh patient in the house that the tests of a worker share."""

import secrets
from dataclasses import replace

from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.world_house import WorldHouse


def fresh_draft(house: WorldHouse) -> str:
    """The id of a draft of the centre that no other test knows of."""
    world = replace(house.world.consortium, clinic=house.world.now)
    birth = f"19{secrets.randbelow(60) + 20}0314"
    number = citizen_number(secrets.randbelow(400) + 500, birth=birth)
    return make_draft(world, make_patient(world, name="周素琴", document_number=number)).id

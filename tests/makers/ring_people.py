"""A panel of three experts, for tests of the ring: in which order it rings them."""

from consult.kernel.work import Role
from consult.people.organisations import panels
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Person, Side, add_person, let_in


def seat_panel(house: WorldHouse) -> tuple[Person, Person, Person]:
    """Two more experts join the panel; all three in the order of ringing, the leader last."""
    world = house.world
    joining = [
        world.doubles[Side.LEAD, Role.EXPERT],
        add_person(
            world.now,
            world.places[Side.LEAD],
            side=Side.LEAD,
            role=Role.EXPERT,
            login="lead.expert.3",
            name="李文博",
        ),
    ]
    for person in joining:
        panel = world.now.system(panels.get_panel, panel_id=world.things["panel"])
        world.now.system(
            panels.add_panel_member,
            panel_id=panel.id,
            revision=panel.revision,
            practitioner_id=person.id,
        )
    first, second = (let_in(world.now, person) for person in joining)
    return first, second, world.person(Side.LEAD, Role.EXPERT)

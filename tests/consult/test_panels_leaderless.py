"""A panel whose leader's last day has passed: seen by its administrator, written down once."""

from datetime import timedelta

import pytest

from consult.kernel.work import Role
from consult.people.organisations import panels
from tests.makers.clinic import Clinic
from tests.makers.people import SERVICES, House, add_panel, add_person, make_house


@pytest.fixture
def house(clinic: Clinic) -> House:
    """A consortium."""
    return make_house(clinic, "east")


def led_for_a_day(clinic: Clinic, house: House) -> str:
    """A panel whose leader works there today for the last time."""
    leader = add_person(clinic, "gone", house.lead_id, Role.EXPERT, until_on=clinic.now.date())
    new = panels.NewPanel(
        consortium_id=house.consortium_id,
        institution_id=house.lead_id,
        name="角膜会诊组",
        name_en="Cornea panel",
        leader_id=leader,
        member_ids=frozenset({house.expert.person}),
        services=SERVICES,
    )
    return clinic.system(panels.add_panel, new=new).id


def test_the_administrator_sees_which_panel_has_lost_its_leader(
    clinic: Clinic, house: House
) -> None:
    add_panel(clinic, house)
    panel_id = led_for_a_day(clinic, house)
    elsewhere = make_house(clinic, "west")
    tomorrow = clinic.at(clinic.now + timedelta(days=1))
    assert clinic.do(house.administrator, panels.list_leaderless) == []
    found = tomorrow.do(house.administrator, panels.list_leaderless)
    assert [panel.id for panel in found] == [panel_id]
    assert tomorrow.do(elsewhere.administrator, panels.list_leaderless) == []
    tomorrow.do(
        house.administrator,
        panels.set_panel_leader,
        panel_id=panel_id,
        revision=found[0].revision,
        practitioner_id=house.expert.person,
    )
    assert tomorrow.do(house.administrator, panels.list_leaderless) == []


def test_the_clock_writes_it_down_once_for_each_leader(clinic: Clinic, house: House) -> None:
    panel_id = led_for_a_day(clinic, house)
    assert clinic.system(panels.note_leaderless) == 0
    tomorrow = clinic.later(days=1)
    assert [tomorrow.system(panels.note_leaderless) for _ in range(3)] == [1, 0, 0]
    [line] = [line for line in tomorrow.lines() if line.kind == "panel.leader_gone"]
    assert line.object_id == panel_id
    assert line.practitioner_id is None

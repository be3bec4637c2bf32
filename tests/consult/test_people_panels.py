"""Expert panels: of experts of a member institution, chosen by agreement."""

from datetime import date

import pytest

from consult.kernel.work import Role
from consult.people.organisations import panels
from consult.people.organisations import service as organisations
from consult.people.organisations.errors import (
    LeaderStaysError,
    NameTakenError,
    NotAffiliatedError,
    NotAMemberError,
    StaleError,
)
from consult.people.practitioners import affiliations
from consult.people.practitioners.errors import LeadsPanelError
from tests.makers.clinic import Clinic
from tests.makers.people import (
    SERVICES,
    add_panel,
    add_person,
    agree,
    find,
    let_in,
    make_house,
)

TODAY = date(2026, 1, 5)


def test_a_panel_takes_only_experts_of_its_member_institution(clinic: Clinic) -> None:
    house, other = make_house(clinic, "a"), make_house(clinic, "b")
    clerk = add_person(clinic, "clerk", house.lead_id, Role.REFERRAL_DESK)
    for stranger in (clerk, house.physician.person, other.expert.person):
        new = panels.NewPanel(
            house.consortium_id, house.lead_id, "组", "", stranger, frozenset(), SERVICES
        )
        with pytest.raises(NotAffiliatedError):
            clinic.system(panels.add_panel, new=new)
    outside = panels.NewPanel(
        house.consortium_id, other.lead_id, "组", "", other.expert.person, frozenset(), SERVICES
    )
    with pytest.raises(NotAMemberError):
        clinic.system(panels.add_panel, new=outside)
    add_panel(clinic, house)
    with pytest.raises(NameTakenError):
        add_panel(clinic, house)


def test_a_panel_page_that_is_out_of_date_changes_nothing(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    second = add_person(clinic, "second", house.lead_id, Role.EXPERT)
    step = {"panel_id": panel, "revision": 1, "practitioner_id": second}
    clinic.do(house.administrator, panels.add_panel_member, **step)
    for late in (panels.add_panel_member, panels.end_panel_member, panels.set_panel_leader):
        with pytest.raises(StaleError):
            clinic.do(house.administrator, late, **step)
    now = step | {"revision": 2}
    with pytest.raises(panels.AlreadyInPanelError):
        clinic.do(house.administrator, panels.add_panel_member, **now)
    with pytest.raises(LeaderStaysError):
        clinic.do(
            house.administrator,
            panels.end_panel_member,
            **(now | {"practitioner_id": house.expert.person}),
        )
    clinic.do(house.administrator, panels.set_panel_leader, **now)
    found = clinic.do(house.administrator, organisations.get_panel, panel_id=panel)
    assert found.leader_id == second
    assert found.member_ids == {second, house.expert.person}


def test_the_choices_are_the_panels_with_an_agreement(clinic: Clinic) -> None:
    house, other = make_house(clinic, "a"), make_house(clinic, "b")
    panel = add_panel(clinic, house)
    add_panel(clinic, other)
    agreement = agree(clinic, house)
    choices = clinic.do(
        house.physician,
        organisations.panel_choices,
        inviting_id=house.centre_id,
        service_type="screening_read",
        on=TODAY,
    )
    assert [(c.panel.id, c.invited.id, c.agreement.id) for c in choices] == [
        (panel, house.lead_id, agreement)
    ]
    clinic.system(panels.stop_panel, panel_id=panel, revision=1)
    assert (
        clinic.system(
            organisations.panel_choices,
            inviting_id=house.centre_id,
            service_type="screening_read",
            on=TODAY,
        )
        == []
    )


def test_a_stopped_panel_still_answers_what_it_has(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    clinic.system(panels.stop_panel, panel_id=panel, revision=1)
    with pytest.raises(StaleError):
        clinic.system(panels.stop_panel, panel_id=panel, revision=2)
    found = clinic.system(panels.get_panel, panel_id=panel)
    let_in(clinic, found.leader_id, token="leader")
    leader = find(clinic, "leader")
    assert leader is not None
    assert leader.actor.panel_ids == {panel}
    places = clinic.system(affiliations.list_affiliations, practitioner_ids=[found.leader_id])
    with pytest.raises(LeadsPanelError):
        clinic.system(
            affiliations.stop_affiliation,
            affiliation_id=places[0].id,
            revision=places[0].revision,
        )

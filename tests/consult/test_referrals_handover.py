"""Who answers for a referral when the person at the referral office leaves (Q-12)."""

from dataclasses import replace
from pathlib import Path

import pytest

from consult.calendar import service as calendar
from consult.cases import answering, service_handover
from consult.cases.errors import SuccessorNeededError
from consult.cases.model import Accountable, Case
from consult.people.practitioners import affiliations
from consult.reports.seal import load_seal
from consult.storage.model import parse_storage_rules
from server.views.admin import make_overview
from tests.makers.clinic import Clinic
from tests.makers.consortium import Consortium, make_consortium
from tests.makers.referrals import (
    Office,
    add_desk,
    case_of,
    clinic_facts,
    make_booked,
    make_office,
)
from tests.makers.reports import claim, make_read_case
from tests.makers.returns import leave_today
from tests.makers.rulebooks import read_config

STORAGE = parse_storage_rules(read_config("storage.toml"))


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    """The lead hospital's referral office."""
    return make_office(clinic, load_seal(tmp_path))


@pytest.fixture
def world_of_two(clinic: Clinic) -> Consortium:
    """A consortium without any referral."""
    return make_consortium(clinic)


def another_office(office: Office) -> Office:
    """A clinic and a referral office at a hospital that is not the panel's."""
    desk = add_desk(office.world, "shi", name="石岚", at=office.world.other_id)
    added = office.clinic.do(desk, calendar.add_clinic, facts=clinic_facts())
    return replace(office, desk=desk, clinic_id=added.id)


def leave(office: Office) -> list[Case]:
    return office.clinic.system(
        service_handover.rehome_cases,
        practitioner_id=office.desk.person,
        institution_id=office.desk.institution,
    )


def test_a_referral_goes_to_a_colleague_of_the_same_office(office: Office) -> None:
    referral, _appointment = make_booked(office)
    colleague = add_desk(office.world, "mei", name="梅芳", at=office.desk.institution)
    leave(office)
    assert case_of(office, referral).owner_id == colleague.person


def test_the_last_person_of_an_office_cannot_leave_her_referrals(office: Office) -> None:
    make_booked(office)
    with pytest.raises(SuccessorNeededError):
        leave(office)


def test_the_last_person_of_an_office_whose_day_has_passed_is_shown(office: Office) -> None:
    make_booked(office)
    assert office.clinic.system(answering.list_left) == []
    tomorrow = leave_today(office.world, office.desk)
    [left] = tomorrow.clinic.system(answering.list_left)
    assert (left.practitioner_id, left.case_count) == (office.desk.person, 1)
    assert left.part is Accountable.REFERRAL_DESK
    overview = tomorrow.clinic.system(make_overview, tongue="en", rules=STORAGE)
    assert [(each.practitioner_id, each.case_count) for each in overview.left] == [
        (office.desk.person, 1)
    ]
    mei = add_desk(tomorrow, "mei", name="梅芳", at=office.desk.institution)
    (over,) = tomorrow.clinic.system(affiliations.list_over, limit=9)
    change = {"affiliation_id": over.id, "revision": over.revision}
    tomorrow.clinic.system(service_handover.stop_affiliation, **change)
    assert tomorrow.clinic.system(answering.list_left) == []
    assert mei.person != office.desk.person


def test_an_expert_who_left_her_case_unread_is_shown(world_of_two: Consortium) -> None:
    world = world_of_two
    case = claim(world, make_read_case(world), by=world.expert)
    assert case.owner_id == world.expert.person
    tomorrow = leave_today(world, world.expert)
    [left] = tomorrow.clinic.system(answering.list_left)
    assert (left.practitioner_id, left.part) == (world.expert.person, Accountable.EXPERT)


def test_an_office_of_a_third_hospital_keeps_its_referrals(office: Office) -> None:
    """The panel's own hospital has a desk too, and must not be handed them."""
    third = another_office(office)
    referral, _appointment = make_booked(third)
    assert case_of(third, referral).owner_id == third.desk.person
    colleague = add_desk(third.world, "qin", name="秦月", at=third.desk.institution)
    leave(third)
    assert case_of(third, referral).owner_id == colleague.person

"""Clinics and slots: published once, held for one patient at a time, free again in time."""

from concurrent.futures import wait
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from consult.calendar import service as calendar
from consult.calendar import service_hold, service_publish
from consult.calendar.clinics import Slot
from consult.calendar.errors import (
    CaseNotBookableError,
    ClinicChangedError,
    ClinicExistsError,
    HoldOverError,
    PhysicianNotHereError,
    SlotsOverlapError,
    SlotTakenError,
)
from consult.calendar.model import SlotStatus
from consult.kernel.errors import (
    FormRefusedError,
    NotFoundError,
    RefusedError,
)
from consult.kernel.ids import new_id
from consult.people.organisations import consortia
from consult.reports.seal import load_seal
from tests.makers.clinic import MORNING, Clinic
from tests.makers.referrals import (
    TUESDAY,
    Office,
    add_desk,
    book,
    clinic_facts,
    hold,
    make_decided,
    make_office,
    make_second,
    make_twins,
    publication,
    publish,
)
from tests.makers.reports import make_read_case

HOLD = timedelta(minutes=15)
DAY_UTC = datetime(2026, 1, 5, 16, tzinfo=UTC)  # Tuesday begins in Shanghai


@pytest.fixture
def office(clinic: Clinic, tmp_path: Path) -> Office:
    return make_office(clinic, load_seal(tmp_path / "seal"))


def _other_clinic(office: Office) -> str:
    """A second clinic of the same hospital."""
    facts = clinic_facts(name="黄斑门诊", name_en="Macula clinic")
    return office.clinic.do(office.desk, calendar.add_clinic, facts=facts).id


def statuses(office: Office) -> list[SlotStatus]:
    """How the slots of the clinic stand, in order."""
    found = office.clinic.do(office.desk, calendar.get_clinic, clinic_id=office.clinic_id)
    slots = office.clinic.do(
        office.desk,
        calendar.list_slots,
        clinics=[found],
        since=DAY_UTC,
        until=DAY_UTC + timedelta(days=30),
    )
    return [slot.status for slot in slots]


def free(office: Office) -> list[Slot]:
    """What the community doctor is offered."""
    return office.clinic.do(
        office.world.physician,
        calendar.list_free_slots,
        clinic_id=office.clinic_id,
        since=DAY_UTC,
        until=DAY_UTC + timedelta(days=30),
    )


def test_wall_clock_times_of_the_institution_become_instants(office: Office) -> None:
    slots = publish(office)
    assert [slot.starts_at for slot in slots] == [
        datetime(2026, 1, 6, 0, 30, tzinfo=UTC) + number * HOLD for number in range(4)
    ]
    assert [slot.turn for slot in slots] == [1, 2, 3, 4]
    assert {slot.status for slot in slots} == {SlotStatus.FREE}
    assert "slots.published" in office.clinic.kinds()


def test_a_clinic_is_seen_in_its_consortium_and_nowhere_else(office: Office) -> None:
    world = office.world
    outsider = replace(world.physician, institution_id=new_id(), consortium_ids=frozenset())
    for_centre = office.clinic.do(world.physician, calendar.list_clinics)
    assert [found.id for found in for_centre] == [office.clinic_id]
    assert office.clinic.do(outsider, calendar.list_clinics) == []
    with pytest.raises(NotFoundError):
        office.clinic.do(outsider, calendar.get_clinic, clinic_id=office.clinic_id)


def test_a_hospital_that_leaves_the_consortium_takes_its_clinics_with_it(office: Office) -> None:
    world = office.world
    office.clinic.system(consortia.set_lead, consortium_id=world.id, institution_id=world.centre_id)
    office.clinic.system(
        consortia.end_membership, consortium_id=world.id, institution_id=world.lead_id
    )
    assert office.clinic.do(world.physician, calendar.list_clinics) == []
    without = replace(office.desk, consortium_ids=frozenset())
    assert len(office.clinic.do(without, calendar.list_own_clinics)) == 1


def test_a_clinic_is_opened_to_a_consortium_that_its_hospital_joins_afterwards(
    office: Office,
) -> None:
    alone = replace(office.desk, consortium_ids=frozenset())
    facts = clinic_facts(name="白内障门诊")
    added = office.clinic.do(alone, calendar.add_clinic, facts=facts)
    assert len(office.clinic.do(office.world.physician, calendar.list_clinics)) == 1
    publish(office, clinic_id=added.id)
    assert len(office.clinic.do(office.world.physician, calendar.list_clinics)) == 2


def test_only_its_own_hospital_changes_a_clinic_and_only_from_a_fresh_page(office: Office) -> None:
    facts = clinic_facts(phone="0799-1")
    change = {"clinic_id": office.clinic_id, "facts": facts}
    changed = office.clinic.do(office.desk, calendar.change_clinic, revision=1, **change)
    assert (changed.facts.phone, changed.revision) == ("0799-1", 2)
    with pytest.raises(ClinicChangedError):
        office.clinic.do(office.desk, calendar.change_clinic, revision=1, **change)
    with pytest.raises(NotFoundError):
        office.clinic.do(office.world.physician, calendar.change_clinic, revision=2, **change)
    with pytest.raises(ClinicExistsError):
        office.clinic.do(office.desk, calendar.add_clinic, facts=facts)


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"end": time(8, 30)}, "end", "times-reversed"),
        ({"end": time(7)}, "end", "times-reversed"),
        ({"day_until": date(2026, 1, 5)}, "day_until", "dates-reversed"),
        ({"day_from": date(2026, 1, 4)}, "day_from", "day-is-past"),
        ({"day_until": date(2027, 1, 5)}, "day_until", "day-too-far"),
        ({"weekdays": frozenset()}, "weekdays", "field-missing"),
        ({"weekdays": frozenset({0, 2})}, "weekdays", "field-not-a-choice"),
        ({"weekdays": frozenset({3})}, "day_until", "no-slots-in-this-time"),
        ({"minutes": 0}, "minutes", "out-of-range"),
        ({"minutes": -15}, "minutes", "out-of-range"),
        ({"minutes": 241}, "minutes", "out-of-range"),
        ({"end": time(8, 40)}, "day_until", "no-slots-in-this-time"),
        ({"start": time(8, 30, tzinfo=UTC)}, "start", "field-malformed"),
        (
            {
                "day_until": date(2026, 6, 30),
                "weekdays": frozenset(range(1, 8)),
                "end": time(18),
                "minutes": 5,
            },
            "day_until",
            "too-many-slots",
        ),
    ],
)
def test_a_publication_that_cannot_be_meant_is_refused_and_stores_nothing(
    office: Office, changes: dict[str, object], field: str, code: str
) -> None:
    with pytest.raises(FormRefusedError) as refusal:
        publish(office, **changes)
    assert (field, code) in [(found.field, found.code) for found in refusal.value.problems]
    assert statuses(office) == []


def test_publishing_twice_is_refused_and_doubles_nothing(office: Office) -> None:
    publish(office)
    with pytest.raises(SlotsOverlapError):
        publish(office)
    with pytest.raises(SlotsOverlapError):
        publish(office, start=time(9), end=time(10), minutes=20)
    assert len(statuses(office)) == 4
    publish(office, physician_name="周怀瑾")
    publish(office, start=time(9, 30), end=time(10))
    assert len(statuses(office)) == 10


def test_a_physician_is_not_at_two_clinics_of_the_hospital_at_once(office: Office) -> None:
    other = _other_clinic(office)
    publish(office)
    for clash in ({"start": time(9, 15)}, {"start": time(8), "end": time(8, 45), "minutes": 45}):
        with pytest.raises(SlotsOverlapError):
            publish(office, clinic_id=other, **clash)
    assert len(publish(office, clinic_id=other, start=time(9, 30), end=time(10))) == 2
    assert len(publish(office, clinic_id=other, physician_name="周怀瑾")) == 4
    with pytest.raises(SlotsOverlapError):
        publish(office, start=time(9, 45), end=time(10))


def test_what_was_taken_back_at_one_clinic_may_be_offered_at_the_other(office: Office) -> None:
    other = _other_clinic(office)
    slots = publish(office)
    office.clinic.do(
        office.desk,
        service_publish.withdraw_slots,
        clinic_id=office.clinic_id,
        slot_ids=[slot.id for slot in slots],
    )
    assert len(publish(office, clinic_id=other)) == 4
    with pytest.raises(SlotsOverlapError):
        publish(office)


def test_clinics_without_a_named_physician_have_timetables_of_their_own(office: Office) -> None:
    other = _other_clinic(office)
    publish(office, physician_name="")
    assert len(publish(office, clinic_id=other, physician_name="")) == 4
    with pytest.raises(SlotsOverlapError):
        publish(office, clinic_id=other, physician_name=" ")


def test_times_that_were_taken_back_are_offered_again_at_another_length(office: Office) -> None:
    slots = publish(office)
    withdrawn = office.clinic.do(
        office.desk,
        service_publish.withdraw_slots,
        clinic_id=office.clinic_id,
        slot_ids=[slot.id for slot in slots],
    )
    assert (withdrawn.stopped, withdrawn.kept) == (4, 0)
    assert free(office) == []
    again = publish(office, minutes=20)
    assert [slot.status for slot in again].count(SlotStatus.FREE) == 3


def test_slots_that_somebody_has_are_not_taken_back(office: Office) -> None:
    slots = publish(office)
    hold(office, make_decided(office), slots[0])
    withdraw = {"clinic_id": office.clinic_id, "slot_ids": [slot.id for slot in slots]}
    withdrawn = office.clinic.do(office.desk, service_publish.withdraw_slots, **withdraw)
    assert (withdrawn.stopped, withdrawn.kept) == (3, 1)
    with pytest.raises(NotFoundError):
        office.clinic.do(office.world.physician, service_publish.withdraw_slots, **withdraw)
    with pytest.raises(RefusedError):
        office.clinic.do(
            office.desk,
            service_publish.withdraw_slots,
            clinic_id=office.clinic_id,
            slot_ids=[new_id()] * 201,
        )


def test_a_named_physician_must_be_an_expert_of_the_hospital(office: Office) -> None:
    slots = publish(office, physician_id=office.world.expert.practitioner_id)
    assert slots[0].physician_name == "李文博"
    for stranger in (office.world.physician.practitioner_id, new_id()):
        with pytest.raises(PhysicianNotHereError):
            publish(office, physician_id=stranger, day_from=TUESDAY + timedelta(days=7))


def test_a_hold_keeps_a_slot_for_a_quarter_of_an_hour_and_not_longer(office: Office) -> None:
    slot, case = publish(office)[0], make_decided(office)
    held = hold(office, case, slot)
    assert (held.status, held.held_until) == (SlotStatus.HELD, MORNING + HOLD)
    assert slot.id not in [each.id for each in free(office)]
    again = hold(office.at(office.clinic.later(minutes=5)), case, slot)
    assert again.held_until == MORNING + HOLD
    over = office.at(office.clinic.later(minutes=15))
    assert slot.id in [each.id for each in free(over)]
    with pytest.raises(HoldOverError):
        over.clinic.do(over.world.physician, service_hold.book_held, slot_id=slot.id, case=case)
    assert over.clinic.system(service_hold.expire_holds) == 1
    assert over.clinic.system(service_hold.expire_holds) == 0
    assert "slot.hold_expired" in over.clinic.kinds()


def test_a_hold_lasts_900_seconds_to_the_instant(office: Office) -> None:
    case, other, slot = make_decided(office), make_second(office), publish(office)[0]
    hold(office, case, slot)
    last = office.clinic.at(MORNING + HOLD - timedelta(microseconds=1))
    with pytest.raises(SlotTakenError):
        hold(office.at(last), other, slot)
    assert last.do(office.world.physician, service_hold.find_hold, case=case) is not None
    assert last.system(service_hold.expire_holds) == 0
    over = office.clinic.at(MORNING + HOLD)
    assert over.do(office.world.physician, service_hold.find_hold, case=case) is None
    with pytest.raises(HoldOverError):
        over.do(office.world.physician, service_hold.book_held, slot_id=slot.id, case=case)
    assert hold(office.at(over), other, slot).held_until == MORNING + 2 * HOLD


def test_a_hold_that_is_over_can_be_taken_by_another_patient(office: Office) -> None:
    slot, first, second = publish(office)[0], make_decided(office), make_second(office)
    hold(office, first, slot)
    with pytest.raises(SlotTakenError):
        hold(office, second, slot)
    over = office.at(office.clinic.later(minutes=16))
    assert hold(over, second, slot).held_case_id == second.id
    assert over.clinic.system(service_hold.expire_holds) == 0


def test_a_case_holds_one_slot_and_keeps_it_where_the_next_is_taken(office: Office) -> None:
    slots, first, second = publish(office), make_decided(office), make_second(office)
    hold(office, first, slots[0])
    hold(office, first, slots[1])
    assert [slot.id for slot in free(office)] == [slots[0].id, slots[2].id, slots[3].id]
    hold(office, second, slots[2])
    with pytest.raises(SlotTakenError):
        hold(office, first, slots[2])
    kept = office.clinic.do(office.world.physician, service_hold.find_hold, case=first)
    assert kept is not None
    assert kept.id == slots[1].id
    assert office.clinic.do(office.world.physician, service_hold.release_hold, case_id=first.id)
    assert not office.clinic.do(office.world.physician, service_hold.release_hold, case_id=first.id)


def test_a_half_day_is_held_at_its_first_free_time(office: Office) -> None:
    slots, first, second = publish(office), make_decided(office), make_second(office)
    hold(office, first, slots[0])
    held = office.clinic.do(
        office.world.physician,
        service_hold.hold_any,
        slot_ids=[slot.id for slot in slots],
        case_id=second.id,
        limits=book().holds,
    )
    assert held.id == slots[1].id


def test_a_slot_in_the_past_is_nobodys(office: Office) -> None:
    slot, case = publish(office)[0], make_decided(office)
    late = office.at(office.clinic.at(slot.starts_at))
    with pytest.raises(SlotTakenError):
        hold(late, case, slot)


def test_no_slot_is_held_for_a_foreign_or_undecided_case(office: Office) -> None:
    slot, world = publish(office)[0], office.world
    undecided = make_read_case(world)
    with pytest.raises(CaseNotBookableError):
        hold(office, undecided, slot)
    with pytest.raises(NotFoundError):
        hold(office, undecided, slot, by=world.stranger)
    with pytest.raises(NotFoundError):
        hold(office, undecided, slot, by=world.expert)
    with pytest.raises(NotFoundError):
        hold(office, undecided, replace(slot, id=new_id()))


def test_of_a_hundred_clients_on_ten_slots_exactly_ten_have_one(office: Office) -> None:
    slots = publish(office, end=time(11))
    twins = make_twins(office, make_decided(office), 100)
    racers = [
        office.clinic.start(
            office.world.physician,
            service_hold.hold_slot,
            slot_id=slots[number % 10].id,
            case_id=twin,
            limits=book().holds,
        )
        for number, twin in enumerate(twins)
    ]
    wait(racers, timeout=25)
    lost = [racer.exception() for racer in racers if racer.exception() is not None]
    assert len(racers) - len(lost) == 10
    assert {type(failure) for failure in lost} == {SlotTakenError}
    assert statuses(office).count(SlotStatus.HELD) == 10


def test_two_desks_of_two_hospitals_do_not_reach_into_each_other(office: Office) -> None:
    world = office.world
    other = add_desk(world, "tan", name="谭洁", at=world.other_id)
    with pytest.raises(NotFoundError):
        office.clinic.do(
            other,
            service_publish.publish_slots,
            clinic_id=office.clinic_id,
            publication=publication(),
            rules=book().slots,
        )

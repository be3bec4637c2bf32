"""Whom to telephone at an institution by day and by night (RPT-08, U30)."""

from datetime import UTC, datetime

import pytest

from consult.kernel.errors import NotFoundError
from consult.kernel.work import Actor, Work
from consult.people.duty import phones
from consult.people.duty.errors import PhonesFullError
from consult.people.duty.phone_model import DutyPhone, DutySpan, is_day
from consult.people.organisations import service as organisations
from tests.makers.consortium import Consortium
from tests.makers.returns import later

NOON_AND_NIGHT = (datetime(2026, 1, 5, 4, tzinfo=UTC), datetime(2026, 1, 5, 14, tzinfo=UTC))


def add(world: Consortium, who: str, phone: str, span: DutySpan, *, by: Actor) -> DutyPhone:
    place = by.institution
    return world.clinic.do(
        by, phones.add_phone, institution_id=place, who=who, phone=phone, span=span
    )


def called(world: Consortium) -> list[str]:
    """What stands beside an alert of the centre at this hour."""

    def step(work: Work) -> list[str]:
        place = organisations.get_institution(work, world.centre_id)
        return [each.phone for each in phones.phones_now(work, place)]

    return world.clinic.system(step)


def test_day_begins_and_ends_where_the_institution_is() -> None:
    noon, night = NOON_AND_NIGHT
    assert is_day(noon, zone="Asia/Shanghai")
    assert not is_day(night, zone="Asia/Shanghai")
    assert is_day(night, zone="Europe/Lisbon")


def test_who_answers_at_this_hour_is_called_first(world: Consortium) -> None:
    assert called(world) == []
    add(world, "总值班", "0799-1", DutySpan.ALWAYS, by=world.physician)
    add(world, "眼科门诊", "0799-2", DutySpan.DAY, by=world.physician)
    add(world, "急诊", "0799-3", DutySpan.NIGHT, by=world.physician)
    assert called(world) == ["0799-2", "0799-1"]
    assert called(later(world, hours=14)) == ["0799-3", "0799-1"]


def test_a_number_that_ended_is_called_no_more(world: Consortium) -> None:
    made = add(world, "总值班", "0799-1", DutySpan.ALWAYS, by=world.physician)
    with pytest.raises(NotFoundError):
        world.clinic.do(world.stranger, phones.end_phone, phone_id=made.id)
    world.clinic.do(world.colleague, phones.end_phone, phone_id=made.id)
    assert called(world) == []
    with pytest.raises(NotFoundError):
        world.clinic.do(world.physician, phones.end_phone, phone_id=made.id)
    kinds = world.clinic.kinds()
    assert (kinds.count("duty_phone.added"), kinds.count("duty_phone.ended")) == (1, 1)


def test_nobody_keeps_the_numbers_of_another_institution(world: Consortium) -> None:
    with pytest.raises(NotFoundError):
        world.clinic.do(
            world.physician,
            phones.add_phone,
            institution_id=world.lead_id,
            who="x",
            phone="0799-9",
            span=DutySpan.ALWAYS,
        )


def test_an_institution_keeps_so_many_numbers_and_no_more(world: Consortium) -> None:
    for number in range(phones.MOST_PHONES):
        add(world, f"第{number}班", f"0799-{number}", DutySpan.ALWAYS, by=world.physician)
    with pytest.raises(PhonesFullError):
        add(world, "又一班", "0799-99", DutySpan.ALWAYS, by=world.physician)

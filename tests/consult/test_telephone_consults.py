"""A case is consulted on by telephone, and that is kept as its consultation (U30)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consult.cases import service_end
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.work import Actor
from consult.rooms.errors import NotCallerError, RoomCaseClosedError
from consult.rooms.telephone import service
from consult.rooms.telephone.errors import TelephoneFullError
from consult.rooms.telephone.model import (
    MOST_CONSULTS,
    Spoken,
    TelephoneConsult,
    TelephoneWhy,
)
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case
from tests.makers.rooms import call_and_ring, talks

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


def said(world: Consortium, *, at: datetime | None = None, **more: Any) -> Spoken:
    """With the expert, at this minute, because nobody answered."""
    here = (at or world.clinic.now).astimezone(SHANGHAI)
    told = Spoken(
        why=TelephoneWhy.NOBODY_ANSWERED,
        with_id=world.expert.person,
        with_name="",
        day=here.date(),
        clock=here.time().replace(second=0, microsecond=0),
        result="建议今日转诊，散瞳后查眼底",
    )
    return replace(told, **more)


def keep(world: Consortium, case: Case, who: Actor, spoken: Spoken) -> str:
    kept: str = world.clinic.do(
        who, service.keep_consult, case_id=case.id, spoken=spoken, talks=talks()
    )
    return kept


def known(world: Consortium, case: Case) -> list[TelephoneConsult]:
    found: list[TelephoneConsult] = world.clinic.system(
        lambda work: service.list_consults(work, case)
    )
    return found


def test_a_telephone_call_after_a_ring_that_nobody_answered_is_a_consultation_of_the_case(
    world: Consortium, case: Case
) -> None:
    call_and_ring(world, case, world.physician)
    consult_id = keep(world, case, world.physician, said(world))
    [found] = known(world, case)
    assert (found.id, found.author_id, found.with_id) == (
        consult_id,
        world.physician.person,
        world.expert.person,
    )
    assert (found.result, found.why) == ("建议今日转诊，散瞳后查眼底", TelephoneWhy.NOBODY_ANSWERED)
    now = world.clinic.now
    assert found.spoken_at == now.replace(second=0, microsecond=0)
    [line] = [each for each in world.clinic.lines() if each.kind == "room.telephoned"]
    assert (line.case_id, line.practitioner_id) == (case.id, world.physician.person)
    assert (line.codes["telephone"], line.codes["person"]) == (consult_id, world.expert.person)
    assert "转诊" not in str(line.codes), "what was said stands in the case alone"


def test_who_may_call_may_write_it_down_and_nobody_else(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    to_clinic = said(world, with_id=world.physician.person)
    keep(world, case, world.expert, to_clinic)
    for other in (world.leader, world.photographer):
        with pytest.raises(NotCallerError):
            keep(world, case, other, to_clinic)
    with pytest.raises(NotFoundError):
        keep(world, case, world.stranger, to_clinic)
    # somebody of the other side, or a name: nobody of one's own, and not both
    keep(world, case, world.physician, said(world, with_id="", with_name="值班护士 王"))
    for wrong in (
        {"with_id": world.colleague.person},
        {"with_id": "0" * 32},
        {"with_id": ""},
        {"with_name": "值班护士 王"},
    ):
        with pytest.raises(RefusedError):
            keep(world, case, world.physician, said(world, **wrong))
    assert len(known(world, case)) == 2


def test_it_was_after_the_submission_and_is_over(world: Consortium, case: Case) -> None:
    now, before = world.clinic.now, timedelta(minutes=2)
    for wrong in (now + timedelta(minutes=1), (case.submitted_at or now) - before):
        with pytest.raises(RefusedError):
            keep(world, case, world.physician, said(world, at=wrong))
    keep(world, case, world.physician, said(world, at=now))


def test_nothing_is_kept_without_end_nor_on_a_case_that_has_ended(
    world: Consortium, case: Case
) -> None:
    for _ in range(MOST_CONSULTS):
        keep(world, case, world.physician, said(world))
    with pytest.raises(TelephoneFullError):
        keep(world, case, world.physician, said(world))
    assert len(known(world, case)) == MOST_CONSULTS
    world.clinic.do(
        world.physician,
        service_end.withdraw_case,
        case_id=case.id,
        revision=case.revision,
        reason="患者已转院就诊",
    )
    with pytest.raises(RoomCaseClosedError):
        keep(world, case, world.physician, said(world))

"""A clock that jumps ahead, or is set back, loses nothing and tells nobody twice.

Promised times and alerts have theirs beside them (test_promise_ladder, test_urgent_alerts).
"""

from datetime import timedelta

import pytest

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Actor
from consult.notices import gathering, outbox, service
from consult.notices.model import NoticeEvent, WayForm, WayKind, parse_notice_rules
from consult.people.duty import service as duty
from consult.people.organisations import panels
from consult.queue import absence, leases
from consult.queue import service as queue
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.duty import go_on_leave
from tests.makers.reports import claim, make_read_case, queue_limits
from tests.makers.returns import later
from tests.makers.rulebooks import read_config

RULES = parse_notice_rules(read_config("notices.toml"))
DUE = {"without": (), "limit": 9}


@pytest.fixture
def case(world: Consortium) -> Case:
    """A case that waits before the panel."""
    return make_read_case(world)


def status(world: Consortium, case: Case) -> CaseStatus:
    return world.clinic.system(cases.get_case, case_id=case.id).status


def strike(world: Consortium) -> int:
    """The standing job that looks after leases."""
    return world.clinic.system(leases.tend_leases, limits=queue_limits())


def test_a_jump_ahead_frees_a_case_once_and_its_reader_takes_it_again(
    world: Consortium, case: Case
) -> None:
    claim(world, case, by=world.expert)
    assert [strike(later(world, days=400)), strike(later(world, days=400)), strike(world)] == [
        *(1, 0, 0)
    ]
    assert status(world, case) is CaseStatus.ASSIGNED
    assert claim(world, case, by=world.expert).owner_id == world.expert.person


def test_a_case_that_was_taken_while_the_clock_ran_ahead_is_not_kept_for_a_year(
    world: Consortium, case: Case
) -> None:
    ahead, lease = later(world, days=365), queue_limits().lease
    claim(ahead, case, by=world.expert)
    assert strike(world) == 0, "she has it still, for as long as anybody"
    found = world.clinic.system(queue.find_claim, case_id=case.id)
    assert found is not None
    assert found.lease_until == world.clinic.now + lease
    assert strike(world) == 0
    assert world.clinic.kinds().count("case.lease_shortened") == 1
    minutes = lease.total_seconds() / 60
    assert strike(later(world, minutes=minutes)) == 1
    assert status(world, case) is CaseStatus.ASSIGNED


def test_a_lease_of_a_clock_that_goes_right_is_left_alone(world: Consortium, case: Case) -> None:
    claim(world, case, by=world.expert)
    assert strike(world) == 0
    assert "case.lease_shortened" not in world.clinic.kinds()


def test_leave_that_a_jump_has_begun_puts_cases_back_once_and_is_over_when_it_is_set_back(
    world: Consortium, case: Case
) -> None:
    today = world.clinic.now.date()
    soon = today + timedelta(days=7)
    assert go_on_leave(world, world.expert, day_from=soon, day_until=soon).returned == 0
    claim(world, case, by=world.expert)
    panel = world.clinic.system(panels.get_panel, panel_id=world.panel_id)
    freed = [
        there.clinic.system(absence.free_all_absent, limits=queue_limits())
        for there in (later(world, days=7), later(world, days=7), world)
    ]
    assert freed == [1, 0, 0]
    assert status(world, case) is CaseStatus.ASSIGNED
    on_leave = later(world, days=7).clinic.system(duty.attendance_of, panel=panel).on_duty
    assert world.expert.person not in on_leave
    assert world.expert.person in world.clinic.system(duty.attendance_of, panel=panel).on_duty
    assert claim(world, case, by=world.expert).owner_id == world.expert.person


def wish(world: Consortium, who: Actor, *, quiet: tuple[str, str] = ("", "")) -> str:
    """She hears of everything by e-mail, and not in quiet hours."""
    form = WayForm(WayKind.EMAIL, "one@hospital.example", "", frozenset(NoticeEvent), *quiet)
    told = {"form": form, "language": "zh-Hans", "rules": RULES, "origins": ()}
    return world.clinic.do(who, service.add_way, **told)


def write_notices(world: Consortium) -> None:
    """The journal is read to its present end."""
    world.clinic.settle()
    world.clinic.system(gathering.gather, rules=RULES)


@pytest.fixture
def way(world: Consortium) -> str:
    """The leader's e-mail, and nothing told yet."""
    write_notices(world)
    return wish(world, world.leader, quiet=("00:00", "23:59"))


def due(world: Consortium) -> list[str]:
    return world.clinic.system(outbox.list_due_ways, **DUE)


def fail(world: Consortium, way: str) -> tuple[int, int]:
    """The mail server refuses; what waits then, and what was given up."""
    world.clinic.system(outbox.note_failed, way_id=way, failure="refused", rules=RULES)
    [(_way, waiting, given_up)] = world.clinic.system(service.list_failing)
    return waiting, given_up


def test_what_a_jump_makes_old_is_tried_before_it_is_given_up(world: Consortium, way: str) -> None:
    make_read_case(world)
    write_notices(world)
    assert due(world) == [], "quiet hours"
    ahead = later(world, days=30)
    assert due(ahead) == [way]
    assert fail(ahead, way) == (1, 0), "one refusal gives nothing up, however late it is"
    assert fail(later(world, days=33), way) == (0, 1), "two days of refusals do"


def test_what_was_written_by_a_clock_that_ran_ahead_goes_once_it_is_set_back(
    world: Consortium, way: str
) -> None:
    ahead = later(world, days=365)
    make_read_case(world, document_number=citizen_number(6), name="李秀珍")
    write_notices(ahead)
    assert due(world) == [way]


def test_a_way_that_rests_by_a_clock_that_ran_ahead_is_tried_once_it_is_set_back(
    world: Consortium, way: str
) -> None:
    make_read_case(world)
    write_notices(world)
    ahead = later(world, days=30)
    assert fail(ahead, way) == (1, 0)
    assert due(ahead) == [], "it rests"
    tomorrow = later(world, days=2)
    assert due(tomorrow) == [way]
    tomorrow.clinic.system(outbox.note_sent, way_id=way, notice_ids=())
    assert tomorrow.clinic.system(service.list_failing) == []

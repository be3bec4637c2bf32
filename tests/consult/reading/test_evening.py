"""An expert's evening: cases taken together, one winner a case, read in the order of the list."""

from concurrent.futures import wait
from dataclasses import replace
from datetime import timedelta

import pytest

from consult.cases.model import Case, CaseStatus, ServiceType
from consult.kernel.errors import RefusedError
from consult.kernel.ids import CaseId, PractitionerId
from consult.kernel.work import Actor
from consult.queue import evening, worklist
from consult.queue import service as queue
from consult.queue.errors import NotTakenAtOnceError, RowFullError
from consult.queue.model import Claim, ClaimEnd, QueueLimits, Tab
from consult.reports import service as reports
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case, queue_limits, write

SCREENING = ServiceType.SCREENING_READ


def make_cases(world: Consortium, count: int) -> list[Case]:
    """Screening cases, one a minute, each of another patient."""
    return [
        make_read_case(
            replace(world, clinic=world.clinic.later(minutes=number)),
            service_type=SCREENING,
            document_number=citizen_number(2 * number + 4),
        )
        for number in range(count)
    ]


def limits_of(take: tuple[int, int], most: int = 40) -> QueueLimits:
    """The configured limits with other counts."""
    limits = queue_limits()
    return replace(limits, row=replace(limits.row, take=take, most=most))


def take(
    world: Consortium, by: Actor, count: int, limits: QueueLimits, **later: int
) -> list[CaseId]:
    """Take so many, and say which."""
    taken = world.clinic.later(**(later or {"hours": 1})).do(
        by, evening.take_next, service_type=SCREENING, count=count, limits=limits
    )
    return [case.id for case in taken]


def test_the_first_free_ones_are_taken_in_the_order_of_the_list(world: Consortium) -> None:
    cases = make_cases(world, 5)
    claim(world, cases[1], by=world.leader, clinic=world.clinic.later(minutes=30))
    listed = world.clinic.later(hours=1).do(
        world.expert, worklist.list_tab, tab=Tab.READ, limits=queue_limits()
    )

    taken = take(world, world.expert, 3, limits_of((2, 3)))

    assert [item.case.id for item in listed] == [case.id for case in cases]
    assert taken == [cases[0].id, cases[2].id, cases[3].id]
    row = world.clinic.later(hours=1).do(
        world.expert, evening.list_row, service_type=SCREENING, rules=queue_limits().row
    )
    assert [held.case.id for held in row] == taken
    assert {held.case.status for held in row} == {CaseStatus.ACCEPTED}
    assert world.clinic.kinds().count("case.claimed") == 4


def test_of_two_experts_who_reach_at_once_no_case_has_two_readers(world: Consortium) -> None:
    cases = make_cases(world, 7)
    now = world.clinic.later(hours=1)
    told = {"service_type": SCREENING, "count": 2, "limits": limits_of((1, 2))}
    started = [
        (by, now.start(by, evening.take_next, **told)) for by in [world.expert, world.leader] * 2
    ]
    wait([future for _by, future in started], timeout=60)

    taken = [case for _by, future in started for case in future.result()]
    assert len(taken) == len({case.id for case in taken}) == 7
    assert {case.id for case in taken} == {case.id for case in cases}
    for by, future in started:
        assert {case.owner_id for case in future.result()} <= {by.person}
    assert world.clinic.kinds().count("case.claimed") == 7


def test_no_more_are_taken_than_one_may_hold(world: Consortium) -> None:
    make_cases(world, 4)
    limits = limits_of((2, 3), most=3)

    assert len(take(world, world.expert, 2, limits)) == 2
    assert len(take(world, world.expert, 2, limits)) == 1
    with pytest.raises(RowFullError):
        take(world, world.expert, 2, limits)
    assert len(take(world, world.leader, 2, limits)) == 1
    assert take(world, world.leader, 2, limits) == []


@pytest.mark.parametrize(
    ("service_type", "count"), [(ServiceType.REMOTE_DIAGNOSIS, 10), (SCREENING, 11)]
)
def test_other_kinds_and_other_numbers_are_refused(
    world: Consortium, service_type: ServiceType, count: int
) -> None:
    with pytest.raises(NotTakenAtOnceError) as refusal:
        world.clinic.do(
            world.expert,
            evening.take_next,
            service_type=service_type,
            count=count,
            limits=queue_limits(),
        )
    assert isinstance(refusal.value, RefusedError)


def test_next_is_the_one_behind_and_at_the_end_what_was_put_aside(world: Consortium) -> None:
    cases = make_cases(world, 3)
    take(world, world.expert, 3, limits_of((2, 3)))
    now, rules = world.clinic.later(hours=1), queue_limits().row

    def next_after(case: Case) -> CaseId | None:
        return now.do(world.expert, evening.find_next, after=case, rules=rules)

    assert [next_after(case) for case in cases] == [cases[1].id, cases[2].id, cases[0].id]
    now.do(world.expert, queue.release_case, case_id=cases[2].id)
    assert next_after(cases[1]) == cases[0].id
    now.do(world.expert, queue.release_case, case_id=cases[0].id)
    assert next_after(cases[1]) is None


def test_the_reader_goes_on_where_she_was_and_her_row_stays_hers(world: Consortium) -> None:
    cases = make_cases(world, 3)
    taken = take(world, world.expert, 3, limits_of((2, 3)))
    told = {"limits": queue_limits()}
    begun = world.clinic.later(hours=1, minutes=10)
    begun.do(world.expert, evening.open_held, case_id=cases[2].id, **told)
    world.clinic.later(hours=1, minutes=45).do(
        world.expert, evening.open_held, case_id=cases[1].id, **told
    )
    later = world.clinic.later(hours=2, minutes=30)

    row = later.do(world.expert, evening.list_row, service_type=SCREENING, rules=queue_limits().row)
    at = evening.current_of(row)

    assert [held.case.id for held in row] == taken
    assert at is not None
    assert at.case.id == cases[1].id
    assert world.clinic.kinds().count("case.lease_renewed") == 3
    assert evening.current_of([]) is None


def test_after_ninety_minutes_the_draft_waits_and_the_cases_are_taken_again(
    world: Consortium,
) -> None:
    cases = make_cases(world, 2)
    take(world, world.expert, 2, limits_of((1, 2)))
    hour = replace(world, clinic=world.clinic.later(hours=1))
    write(hour, cases[0], by=world.expert)
    later = world.clinic.later(hours=2, minutes=30)
    assert later.system(queue.expire_leases) == 2

    again = take(world, world.expert, 2, limits_of((1, 2)), hours=2, minutes=30)

    kept = later.do(world.expert, reports.get_draft, case_id=cases[0].id)
    assert again == [case.id for case in cases]
    assert kept is not None
    assert kept.content["impression"]


def test_an_evening_counts_its_reports_and_leaves_pauses_out(world: Consortium) -> None:
    rules, now = queue_limits().row, world.clinic.now

    def signed(opened: int, ended: int) -> Claim:
        return Claim(
            "c",
            CaseId("x"),
            PractitionerId("p"),
            now - timedelta(hours=9),
            now,
            now + timedelta(minutes=opened),
            now + timedelta(minutes=ended),
            ClaimEnd.REPORTED,
        )

    earlier = signed(-600, -590)
    found = evening.make_evening([signed(95, 97), signed(1, 5), signed(0, 1), earlier], rules=rules)

    assert found is not None
    assert (found.reports, found.began_at, found.worked) == (3, now, timedelta(minutes=5))
    assert evening.make_evening([], rules=rules) is None

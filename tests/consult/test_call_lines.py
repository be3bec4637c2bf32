"""How good the lines of calls were is told by site and month: the middle, and the worst tenth."""

from datetime import UTC, date, datetime
from typing import Any

from consult.cases.oversight_store import Filter
from consult.dossiers.call_lines import Sampled, Spread, count_lines, gather, spread
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.rooms.tables import SampleRow
from tests.makers.consortium import Consortium
from tests.makers.reports import make_read_case
from tests.makers.rooms import call, come_in, let_in


def test_the_worst_tenth_is_what_the_worst_calls_had_at_best() -> None:
    assert spread(range(1, 101)) == Spread(50, 91)
    assert spread(range(1, 101), lower_is_worse=True) == Spread(50, 10)
    assert spread([7]) == Spread(7, 7)
    assert spread([1, 2, 3]) == Spread(2, 3)


def test_a_month_is_that_of_the_site_and_sites_stand_apart() -> None:
    late = datetime(2026, 4, 30, 20, 0, tzinfo=UTC)  # the first of May in China
    samples = [Sampled("near", late, 10, 40, 720), Sampled("far", late, 200, 400, 180)]
    found = gather(samples, {"near": "Asia/Shanghai", "far": "Europe/London"})
    assert [(each.institution_id, each.month_on) for each in found] == [
        ("near", date(2026, 5, 1)),
        ("far", date(2026, 4, 1)),
    ]
    assert [each.lost_per_mille for each in found] == [Spread(10, 10), Spread(200, 200)]


def test_each_side_is_counted_by_what_its_own_browsers_measured(world: Consortium) -> None:
    case = make_read_case(world)
    room = call(world, case, world.physician)
    let_in(world, case, world.expert, host=world.physician)
    for who in (world.physician, world.physician, world.expert):  # one of them came twice
        come_in(world, case, who)

    def measure(work: Work) -> None:
        for person, lost, height in (
            *((world.physician.person, lost, 720) for lost in (0, 10, 300)),
            (world.expert.person, 5, 360),
        ):
            facts: dict[str, Any] = {"lost_per_mille": lost, "round_trip_ms": 30, "width": 640}
            row = SampleRow(
                id=new_id(), room_id=room.id, person_id=person, taken_at=work.now, height=height
            )
            for name, value in facts.items():
                setattr(row, name, value)
            work.session.add(row)

    world.clinic.system(measure)
    found = world.clinic.do(world.physician, count_lines, wanted=Filter())
    told = {each.institution_id: each for each in found}
    assert set(told) == {world.physician.institution, world.expert.institution}
    own, other = told[world.physician.institution], told[world.expert.institution]
    assert (own.samples, own.lost_per_mille, own.height_px) == (
        3,
        Spread(10, 300),
        Spread(720, 720),
    )
    assert (other.samples, other.lost_per_mille) == (1, Spread(5, 5))

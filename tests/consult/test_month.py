"""The manager's month: every number is its list, and a month of ten thousand cases is counted."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from math import ceil

import pytest
from sqlalchemy import text

from consult.cases.model import CaseStatus, ServiceType
from consult.cases.tables import CaseRow
from consult.dossiers import month
from consult.dossiers.month_rules import FUNNEL, Figure
from consult.dossiers.month_store import NOBODY, Where
from consult.kernel.errors import RefusedError
from consult.kernel.ids import ConsortiumId, InstitutionId, PractitionerId
from consult.kernel.work import Actor, Role, Work
from consult.reports.own.tables import WaitRow
from tests.makers.clinic import Clinic
from tests.makers.months import DAYS, FIRST, Place, fill_month

PLACE = Place(
    consortium_id="eyes",
    lead_id="lead",
    readers=("he", "lin", "wu"),
    clinics={"yunxi": ("a", "b"), "baisha": ("c", None), "shitang": ("d",)},
)
MONTH = Where(FIRST, FIRST + timedelta(days=DAYS))
STARTS = [FIRST + timedelta(days=day) for day in range(DAYS)]
LATER = FIRST + timedelta(days=40)


def manager_of(place: str, role: Role = Role.MANAGER, **more: frozenset[ConsortiumId]) -> Actor:
    return Actor(
        PractitionerId("m"), InstitutionId(place), roles=frozenset({role}), session_id="s", **more
    )


LEAD = manager_of("lead")


def whole_list(work: Work, where: Where, figure: Figure) -> list[month.Line]:
    """Page after page, as a person reads it."""
    lines: list[month.Line] = []
    while True:
        page, has_more = month.list_figure(
            work, where, figure, before=lines[-1].id if lines else None
        )
        lines += page
        if not has_more:
            return lines


@pytest.mark.parametrize("seed", [1, 2])
def test_every_number_of_the_page_is_the_length_of_its_list(clinic: Clinic, seed: int) -> None:
    clinic.system(fill_month, place=PLACE, count=240, seed=seed)
    later = clinic.at(FIRST + timedelta(days=25, hours=5))  # some are not due yet
    counted = later.do(LEAD, month.count_month, where=MONTH, days=STARTS)
    cells: list[tuple[Where, month.Tally]] = [(MONTH, counted.total)]
    cells += [(replace(MONTH, institution_id=key), tally) for key, tally in counted.clinics]
    cells += [(replace(MONTH, reader_id=key), tally) for key, tally in counted.readers]
    cells += [
        (replace(MONTH, institution_id=place, photographer_id=person or NOBODY), tally)
        for (place, person), tally in counted.photographers
    ]
    cells += [
        (replace(MONTH, service_type=ServiceType(key)), tally)
        for key, tally in counted.services.items()
    ]
    cells += [
        (replace(MONTH, institution_id=place, service_type=ServiceType(key)), tally)
        for (place, key), tally in counted.clinic_services.items()
    ]
    cells += [
        (replace(MONTH, submitted_from=start, submitted_until=start + timedelta(days=1)), tally)
        for start, tally in zip(STARTS, counted.days, strict=True)
    ]
    wrong = []
    for where, tally in cells:
        for figure in Figure:
            found = len(later.do(LEAD, month.every_line, where=where, figure=figure))
            if found != tally.count(figure):
                wrong.append((where, figure, tally.count(figure), found))
    assert wrong == []
    assert len(cells) > 40
    assert counted.total.count(Figure.CASES) == 240
    assert [each for each in Figure if not counted.total.count(each)] == []


def test_parts_add_up_and_the_funnel_narrows(clinic: Clinic) -> None:
    clinic.system(fill_month, place=PLACE, count=300)
    counted = clinic.at(LATER).do(LEAD, month.count_month, where=MONTH, days=STARTS)
    total = counted.total
    whole = sum(map(total.count, (Figure.IN_TIME, Figure.LATE, Figure.OPEN, Figure.ENDED)))
    assert whole == total.count(Figure.CASES) == 300
    funnel = [total.count(figure) for figure in FUNNEL]
    assert funnel == sorted(funnel, reverse=True)
    for parts in (
        *(counted.services.values(), dict(counted.clinics).values()),
        *(dict(counted.photographers).values(), counted.clinic_services.values(), counted.days),
    ):
        for figure in Figure:
            assert sum(tally.count(figure) for tally in parts) == total.count(figure)
    assert sum(counted.spans) == total.count(Figure.ANSWERED)


def test_a_list_is_read_page_by_page_and_holds_each_case_once(clinic: Clinic) -> None:
    clinic.system(fill_month, place=PLACE, count=130)
    found = clinic.at(LATER).do(LEAD, whole_list, where=MONTH, figure=Figure.CASES)
    assert len(found) == len({line.id for line in found}) == 130
    first, has_more = clinic.at(LATER).do(
        LEAD, month.list_figure, where=MONTH, figure=Figure.CASES, before=None
    )
    assert (len(first), has_more) == (month.LONGEST_LIST, True)


def test_median_and_p90_are_what_a_hand_reads_off_the_list(clinic: Clinic) -> None:
    clinic.system(fill_month, place=PLACE, count=101)
    counted = clinic.at(LATER).do(LEAD, month.count_month, where=MONTH, days=STARTS)
    lines = clinic.at(LATER).do(LEAD, month.every_line, where=MONTH, figure=Figure.ANSWERED)
    took = sorted(line.took_s for line in lines if line.took_s is not None)
    assert len(took) == len(lines)
    assert counted.total.took_at(0.5) == took[ceil(len(took) / 2) - 1]
    within = sum(each <= (counted.total.took_at(0.9) or 0) for each in took)
    assert 0.9 <= within / len(took) < 0.93
    assert month.Tally().took_at(0.9) is None
    for place, (start, end) in enumerate(
        zip((None, *month.SPANS_S), (*month.SPANS_S, None), strict=True)
    ):
        where = replace(MONTH, took_from_s=start, took_until_s=end)
        listed = clinic.at(LATER).do(LEAD, month.every_line, where=where, figure=Figure.ANSWERED)
        assert len(listed) == counted.spans[place]


def test_each_sees_her_own_and_nobody_anybody_elses(clinic: Clinic) -> None:
    clinic.system(fill_month, place=PLACE, count=90)
    clinic.system(fill_month, place=replace(PLACE, consortium_id="other"), count=10, mark="o")
    later = clinic.at(LATER)
    by_clinic = dict(later.do(LEAD, month.count_month, where=MONTH, days=STARTS).clinics)
    for place in PLACE.clinics:
        own = later.do(manager_of(place), month.count_month, where=MONTH, days=STARTS)
        assert [key for key, _tally in own.clinics] == [place]
        assert own.total.bits == by_clinic[place].bits
    arranger = manager_of(
        "other", Role.CONSORTIUM_ADMINISTRATOR, consortium_ids=frozenset({ConsortiumId("eyes")})
    )
    assert cases_of(later, arranger) == 90
    assert cases_of(later, replace(arranger, roles=frozenset({Role.MANAGER}))) == 0
    assert cases_of(later, manager_of("stranger")) == 0
    lines = later.do(manager_of("stranger"), month.every_line, where=MONTH, figure=Figure.REFERABLE)
    assert lines == []


def cases_of(clinic: Clinic, actor: Actor) -> int:
    counted = clinic.do(actor, month.count_month, where=MONTH, days=STARTS)
    return counted.total.count(Figure.CASES)


def test_an_opinion_that_is_kept_back_is_counted_for_nobody(clinic: Clinic) -> None:
    clinic.system(fill_month, place=PLACE, count=60)
    later = clinic.at(LATER)
    [case_id, other, *_rest] = [
        line.id for line in later.do(LEAD, month.every_line, where=MONTH, figure=Figure.REFERABLE)
    ]
    before = later.do(LEAD, month.count_month, where=MONTH, days=STARTS).total
    later.system(keep_back, case_id=case_id)
    later.system(read_again, case_id=other)
    after = later.do(LEAD, month.count_month, where=MONTH, days=STARTS).total
    assert after.count(Figure.REFERABLE) == before.count(Figure.REFERABLE) - 2
    assert after.count(Figure.RATED) == before.count(Figure.RATED) - 2
    assert after.count(Figure.ANSWERED) == before.count(Figure.ANSWERED)
    listed = later.do(LEAD, month.every_line, where=MONTH, figure=Figure.REFERABLE)
    assert not {case_id, other} & {line.id for line in listed}


def keep_back(work: Work, *, case_id: str) -> None:
    work.session.add(WaitRow(case_id=case_id, institution_id="yunxi", since=work.now, reason=""))
    work.session.flush()


def read_again(work: Work, *, case_id: str) -> None:
    row = work.session.get_one(CaseRow, case_id)
    row.status = CaseStatus.ARBITRATION
    work.session.flush()


def test_months_are_counted_side_by_side_as_each_is_alone(clinic: Clinic) -> None:
    starts = [FIRST - timedelta(days=31), FIRST]
    for number, start in enumerate(starts):
        clinic.system(
            fill_month, place=PLACE, count=40 + number, seed=number, first=start, mark=f"n{number}"
        )
    year = Where(starts[0], FIRST + timedelta(days=DAYS))
    tallies = clinic.at(LATER).do(LEAD, month.count_months, where=year, months=starts)
    assert [tally.count(Figure.CASES) for tally in tallies] == [40, 41]
    alone = clinic.at(LATER).do(LEAD, month.count_month, where=MONTH, days=STARTS)
    assert tallies[1].bits == alone.total.bits
    assert tallies[1].took_at(0.9) == alone.total.took_at(0.9)


def test_too_many_cases_at_once_are_refused(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinic.system(fill_month, place=PLACE, count=12)
    monkeypatch.setattr(month, "MOST_OF_A_MONTH", 11)
    with pytest.raises(RefusedError):
        clinic.at(LATER).do(LEAD, month.count_month, where=MONTH, days=STARTS)


def test_a_month_is_found_by_the_index_of_submissions(clinic: Clinic) -> None:
    """However many other months there are, nothing of them is read."""
    clinic.system(fill_month, place=PLACE, count=400)
    for other in range(1, 4):
        clinic.system(
            fill_month,
            place=PLACE,
            count=400,
            first=FIRST - timedelta(days=40 * other),
            mark=f"x{other}",
        )
    plan = clinic.at(LATER).do(LEAD, plan_of)
    assert "ix_cases_submitted" in plan
    assert "ix_grants_object" in plan or "ix_grants_party" in plan


def plan_of(work: Work) -> str:
    """What the database says that it does for one day of that month."""
    statements: list[tuple[str, Mapping[str, object]]] = []
    is_sqlite = work.session.get_bind().dialect.name == "sqlite"
    if not is_sqlite:
        work.session.execute(text("ANALYZE cases, grants, custody, case_figures"))
    day = replace(MONTH, submitted_until=FIRST + timedelta(days=1))
    statement = month.store.facts_statement(work, day).compile(
        dialect=work.session.get_bind().dialect, compile_kwargs={"literal_binds": True}
    )
    statements.append((str(statement), {}))
    prefix = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN"
    found = work.session.connection().exec_driver_sql(f"{prefix} {statements[0][0]}")
    return "\n".join(" ".join(map(str, row)) for row in found)


def test_days_and_readers_are_those_of_the_rows(clinic: Clinic) -> None:
    clinic.system(fill_month, place=PLACE, count=80)
    counted = clinic.at(LATER).do(LEAD, month.count_month, where=MONTH, days=STARTS)
    lines = clinic.at(LATER).do(LEAD, month.every_line, where=MONTH, figure=Figure.CASES)
    days = Counter(day_of(line.submitted_at) for line in lines)
    assert [tally.count(Figure.CASES) for tally in counted.days] == [days[n] for n in range(DAYS)]
    readers = Counter(line.reader_id for line in lines if line.reader_id is not None)
    assert {key: tally.count(Figure.ANSWERED) for key, tally in counted.readers} == readers


def day_of(at: datetime) -> int:
    return (at - FIRST) // timedelta(days=1)

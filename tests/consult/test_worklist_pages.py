"""More cases than a page of the work list shows: its numbers and its tabs stay right."""

from datetime import timedelta

from sqlalchemy import insert, select

from consult.access.tables import CustodyRow, GrantRow
from consult.cases.model import Case
from consult.cases.tables import CaseRow
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.queue import service_leader, worklist
from consult.queue.model import QueuedCase, Tab
from tests.makers.cases import citizen_number
from tests.makers.consortium import Consortium
from tests.makers.reports import claim, make_read_case, queue_limits
from tests.makers.returns import decline, later

MANY = 130


def copy_case(work: Work, *, case: Case, count: int) -> None:
    """As many cases like this one, promised sooner than it, half of them overdue."""
    row = work.session.get_one(CaseRow, case.id)
    kept = work.session.scalars(select(CustodyRow).where(CustodyRow.object_id == case.id)).one()
    given = work.session.scalars(select(GrantRow).where(GrantRow.object_id == case.id)).first()
    assert given is not None
    for number in range(count):
        told = _values(row) | {"id": new_id(), "number": f"{case.number}-{number}"}
        late = timedelta(minutes=number + 1) * (1 if number % 2 else -1)
        told["report_by"] = work.now - late if number % 2 else work.now - late / 10_000
        work.session.execute(insert(CaseRow).values(**told))
        work.session.execute(insert(CustodyRow).values(**_values(kept) | {"object_id": told["id"]}))
        grant = _values(given) | {"id": new_id(), "object_id": told["id"]}
        work.session.execute(insert(GrantRow).values(**grant))


def _values(row: CaseRow | CustodyRow | GrantRow) -> dict[str, object]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}


def test_the_numbers_count_every_case_and_mine_is_found_behind_a_full_page(
    world: Consortium,
) -> None:
    taken = make_read_case(world)
    waiting = make_read_case(world, name="李秀珍", document_number=citizen_number(4))
    claim(world, taken, by=world.expert)
    world.clinic.system(copy_case, case=waiting, count=MANY)
    do = world.clinic.do
    counted = do(world.expert, worklist.count_tabs, limits=queue_limits())
    assert counted.tabs == {
        Tab.READ: 0, Tab.CONSULT: MANY + 2, Tab.MINE: 1, Tab.RETURNED: 0, Tab.DECLINED: 0
    }  # fmt: skip
    assert counted.overdue == MANY // 2
    [mine] = do(world.expert, worklist.list_tab, tab=Tab.MINE, limits=queue_limits())
    assert mine.case.id == taken.id
    assert do(world.leader, worklist.list_tab, tab=Tab.MINE, limits=queue_limits()) == []
    pages = [
        do(world.expert, worklist.list_tab, tab=Tab.CONSULT, limits=queue_limits(), offset=first)
        for first in (0, worklist.LONGEST_LIST, 2 * worklist.LONGEST_LIST)
    ]
    assert [len(page) for page in pages] == [
        worklist.LONGEST_LIST,
        MANY + 2 - worklist.LONGEST_LIST,
        0,
    ]
    assert len({item.case.id for page in pages for item in page}) == MANY + 2
    promised = [item.case.report_by for page in pages for item in page]
    assert promised == sorted(promised, key=lambda at: at or world.clinic.now)


def test_a_pressed_case_stands_on_top_of_the_whole_list(world: Consortium) -> None:
    due_soon = make_read_case(world)
    world = later(world, minutes=7)
    pressed = make_read_case(world, name="李秀珍", document_number=citizen_number(4))
    for turn in range(3):
        pressed = decline(world, pressed, by=world.expert)
        assert page(world, Tab.DECLINED)[0].is_pressed is (turn == 2)
        pressed = world.clinic.do(world.leader, service_leader.send_on, case_id=pressed.id)
        assert (page(world, Tab.CONSULT)[0].case.id == pressed.id) is (turn == 2)
    world.clinic.system(copy_case, case=due_soon, count=MANY)
    assert page(world, Tab.CONSULT)[0].case.id == pressed.id
    later_page = page(world, Tab.CONSULT, offset=worklist.LONGEST_LIST)
    assert pressed.id not in {item.case.id for item in later_page}
    whole = world.clinic.do(world.expert, worklist.list_worklist, limits=queue_limits())
    assert whole[0].case.id == pressed.id


def page(world: Consortium, tab: Tab, *, offset: int = 0) -> list[QueuedCase]:
    return world.clinic.do(
        world.expert, worklist.list_tab, tab=tab, limits=queue_limits(), offset=offset
    )


def test_nobody_counts_what_she_does_not_see(world: Consortium) -> None:
    make_read_case(world)
    counted = world.clinic.do(world.stranger, worklist.count_tabs, limits=queue_limits())
    assert set(counted.tabs.values()) == {0}

"""Second readings through the doors: their row, who settles them, word of what was urgent."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from consult.cases.model import Case, ServiceType
from consult.reports.body import body_as_json
from server.transactions import utc_now
from tests.makers.cases import citizen_number
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.reports import make_read_case
from tests.makers.second_house import open_second_house, sign_in_turn
from tests.makers.second_readings import normal_body, urgent_body
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
SCREENING = ServiceType.SCREENING_READ
SECOND = {"service_type": SCREENING.value, "count": 10, "turn": "second"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A house whose screening is read twice."""
    with open_second_house(tmp_path_factory.mktemp("row")) as opened:
        yield opened


async def test_a_second_reader_takes_a_row_and_goes_on_from_case_to_case(
    house: ImageHouse,
) -> None:
    cases = [_case(house, 701), _case(house, 703)]
    async with Visitor(house.house.base) as first, Visitor(house.house.base) as second:
        await first.sign_in("li", PASSWORD)
        await second.sign_in("zhou", PASSWORD)
        for case in cases:
            await sign_in_turn(house, case, first)
        (_, own), (_, listed) = [await each.page("/worklist") for each in (first, second)]
        assert ("领取 10 例复核" in own, "领取 10 例复核" in listed) == (False, True)
        assert (await first.send("/api/queue/take", SECOND))[1]["taken"] == 0
        status, answer = await second.send("/api/queue/take", SECOND)
        rooms = [f"/cases/{case.id}/reading" for case in cases]
        assert (status, answer) == (200, {"taken": 2, "location": rooms[0]})

        _, page = await second.page(rooms[0])
        assert ("第 1 例，共 2 例" in page, "复核：须独立阅片" in page) == (True, True)
        _, ahead = await second.get(f"/api/queue/{cases[0].id}/ahead")
        assert [each["case_id"] for each in ahead["cases"]] == [cases[1].id]
        assert all(each["films"] for each in ahead["cases"])
        assert (await sign_in_turn(house, cases[0], second, next=True))["location"] == rooms[1]
        last = await sign_in_turn(house, cases[1], second, next=True)
        assert last["location"].endswith("evening=over")


async def test_an_unknown_turn_is_refused(house: ImageHouse) -> None:
    async with Visitor(house.house.base) as reader:
        await reader.sign_in("li", PASSWORD)
        status, _ = await reader.send("/api/queue/take", SECOND | {"turn": "third"})
        assert status == 422


async def test_the_arbiters_room_writes_down_that_both_readings_were_shown(
    house: ImageHouse,
) -> None:
    case = _case(house, 707)
    async with Visitor(house.house.base) as first, Visitor(house.house.base) as second:
        await first.sign_in("li", PASSWORD)
        await second.sign_in("meng", PASSWORD)
        readings = [
            (await sign_in_turn(house, case, first))["report_id"],
            (await sign_in_turn(house, case, second, body=normal_body()))["report_id"],
        ]
    async with Visitor(house.house.base) as arbiter:
        await arbiter.sign_in("zhou", PASSWORD)
        await arbiter.page(f"/cases/{case.id}/reading")
        assert _opened(house, case) == []
        await arbiter.send(f"/api/queue/{case.id}/claim")
        await arbiter.page(f"/cases/{case.id}/reading")
        leader = house.world.leader.person
        assert _opened(house, case) == [(leader, each) for each in readings]
        await _adopt_and_put_back(arbiter, case, readings[1])


async def _adopt_and_put_back(arbiter: Visitor, case: Case, reading_id: str) -> None:
    """What she had written comes back with the answer, and can be saved in the place again."""
    drafts = f"/api/cases/{case.id}/report/draft"
    body = body_as_json(normal_body(impression="仲裁者已写")) | {"version": 0}
    assert (await arbiter.send(drafts, body))[0] == 200
    status, answer = await arbiter.send(f"/api/cases/{case.id}/readings/{reading_id}/adopt")
    assert (status, answer["version"]) == (200, 2)
    assert answer["replaced"]["impression"] == "仲裁者已写"
    _, page = await arbiter.page(f"/cases/{case.id}/reading")
    assert ("仲裁者已写" in page, f'id="adopt-{reading_id}"' in page) == (False, True)
    status, saved = await arbiter.send(drafts, answer["replaced"] | {"version": 2})
    assert (status, saved["version"]) == (200, 3)
    _, page = await arbiter.page(f"/cases/{case.id}/reading")
    assert "仲裁者已写" in page


async def test_both_readers_are_told_on_their_list_that_a_second_reading_could_not_wait(
    house: ImageHouse,
) -> None:
    case, told = _case(house, 711), "不能等待的复核"
    async with Visitor(house.house.base) as first, Visitor(house.house.base) as second:
        await first.sign_in("li", PASSWORD)
        await second.sign_in("meng", PASSWORD)
        await sign_in_turn(house, case, first)
        assert told not in (await first.page("/worklist"))[1].replace(f'aria-label="{told}"', "")
        await sign_in_turn(house, case, second, body=urgent_body())

        seen = [(await each.page("/worklist"))[1] for each in (first, second)]
        assert "已立即作为报告签发：同事meng的复核" in seen[0]
        assert "您的复核已作为报告签发。首次阅片：" in seen[1]
        assert all(f"/cases/{case.id}/readings" in page for page in seen)
        assert (await first.page(f"/cases/{case.id}/readings"))[0] == 200
        house.clinic.settle()
        seen = [(await each.page("/worklist"))[1] for each in (first, second)]
        assert [f"/cases/{case.id}/readings" in page for page in seen] == [False, True]


def _case(house: ImageHouse, sequence: int) -> Case:
    now = replace(house.world, clinic=house.world.clinic.at(utc_now()))
    return make_read_case(now, service_type=SCREENING, document_number=citizen_number(sequence))


def _opened(house: ImageHouse, case: Case) -> list[tuple[str | None, str]]:
    """Who has opened which reading of the case."""
    return [
        (line.practitioner_id, line.object_id)
        for line in house.clinic.lines()
        if line.kind == "reading.opened" and line.case_id == case.id
    ]

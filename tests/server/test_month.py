"""The manager's month at its doors: numbers with their lists, files for WPS, and who sees what."""

import csv
import io
import os
import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest

from consult.dossiers.month import SPANS_S
from consult.dossiers.month_rules import Figure
from consult.kernel.work import Role
from imaging.workbook import read_first_sheet
from server.views.month_words import HEADS, MEANT, SPANS
from server.workbooks import Sheet, as_csv, as_workbook, harmless
from tests.makers.months import Place, fill_month
from tests.makers.visitor import Visitor
from tests.makers.world import CANARIES
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
MONTH = "2025-12"
NUMBER = re.compile(r'<a href="(/month/cases\?[^"]*)">(\d+)</a>')
COUNT = 70


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house with a December of seventy cases of HOME, read at LEAD."""
    with open_world(tmp_path_factory.mktemp("month")) as opened:
        world = opened.world
        photographer = world.person(Side.HOME, Role.PHOTOGRAPHER).actor.person
        place = Place(
            consortium_id=world.things["consortium"],
            lead_id=world.places[Side.LEAD],
            readers=[world.person(Side.LEAD, Role.EXPERT).actor.person],
            clinics={world.places[Side.HOME]: (photographer, None)},
        )
        world.now.system(fill_month, place=place, count=COUNT, mark="0" * 26)
        yield opened


@pytest.fixture
async def manager(house: WorldHouse) -> AsyncIterator[Visitor]:
    async with house.visitor(house.world.person(Side.LEAD, Role.MANAGER)) as visitor:
        yield visitor


async def length_of(visitor: Visitor, href: str) -> int:
    """How many cases the pages of a list hold."""
    found, path = 0, f"/api{href}"
    while True:
        status, told = await visitor.get(path)
        assert status == 200, path
        found += len(told["cases"])
        if told["older"] is None:
            return found
        path = f"/api{href}&before={told['older']}"


async def test_every_number_on_the_page_opens_a_list_of_that_length(manager: Visitor) -> None:
    status, page = await manager.page(f"/month?month={MONTH}")
    assert status == 200
    numbers = {unescape(href): int(text) for href, text in NUMBER.findall(page)}
    assert len(numbers) > 40
    assert numbers[f"/month/cases?month={MONTH}&figure=cases"] == COUNT
    wrong = {
        href: (shown, listed)
        for href, shown in numbers.items()
        if (listed := await length_of(manager, href)) != shown
    }
    assert wrong == {}
    status, page = await manager.page(f"/month/cases?month={MONTH}&figure=referable")
    assert (status, "需转诊" in page) == (200, True)
    status, year = await manager.page(f"/month/year?month={MONTH}")
    told = dict(NUMBER.findall(year))
    assert told[f"/month/cases?month={MONTH}&amp;figure=cases"] == str(COUNT)


async def test_the_page_says_what_counts_and_in_whose_time(manager: Visitor) -> None:
    _status, page = await manager.page(f"/month?month={MONTH}")
    for words in ("统计口径", "Asia/Shanghai", "2025-12-01 00:00", "2025-12-31 24:00", "首次签名"):
        assert words in page, words
    status, empty = await manager.page("/month?month=2020-01")
    assert (status, "没有符合条件的病例" in empty) == (200, True)


async def test_the_present_month_counts_what_the_house_did(
    house: WorldHouse, manager: Visitor
) -> None:
    """By the figures that were written with the signatures, not by a test."""
    month = house.world.now.now.astimezone().strftime("%Y-%m")
    told = (await manager.get(f"/api/month?month={month}"))[1]
    listed = (await manager.get(f"/api/oversight/statistics?first={month}"))[1]["total"]
    counts = told["total"]["counts"]
    assert counts["cases"] == listed["cases"] >= 5
    for here, there in (("in_time", "reported_in_time"), ("late", "reported_late")):
        assert counts[here] == listed[there]
    assert counts["answered"] >= 2
    assert 1 <= counts["booked"] <= counts["referable"] < counts["answered"]


async def test_the_manager_of_a_clinic_sees_her_own_and_a_stranger_nothing(
    house: WorldHouse,
) -> None:
    path = f"/api/month?month={MONTH}"
    for side, role, counted in (
        (Side.HOME, Role.MANAGER, COUNT),
        (Side.HOME, Role.REQUESTING_PHYSICIAN, COUNT),
        (Side.HOME, Role.CONSORTIUM_ADMINISTRATOR, COUNT),
        (Side.AWAY, Role.MANAGER, 0),
        (Side.AWAY, Role.CONSORTIUM_ADMINISTRATOR, 0),
    ):
        async with house.visitor(house.world.person(side, role)) as visitor:
            told = (await visitor.get(path))[1]
            assert told["total"]["counts"]["cases"] == counted, (side, role)
    async with house.visitor(house.world.person(Side.LEAD, Role.EXPERT)) as visitor:
        assert (await visitor.page("/month"))[0] == 403
    doctor = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with house.visitor(doctor) as visitor:
        assert (await visitor.page("/month/table.xlsx"))[0] == 403
        _status, page = await visitor.page(f"/month?month={MONTH}")
        assert "table.xlsx" not in page


@pytest.mark.parametrize(
    "query",
    [
        *("figure=names", "institution=x", "photographer=x"),
        *("reader=1", "service=all", "day=0", "day=32", "day=x", "day=%D9%A1", "span=9"),
        "before=x",
    ],
)
async def test_what_is_no_filter_is_refused(manager: Visitor, query: str) -> None:
    assert (await manager.get(f"/api/month/cases?month={MONTH}&{query}"))[0] == 422
    assert (await manager.get("/api/month/cases?month=2025-13"))[0] == 422


async def test_the_tables_leave_as_files_and_the_journal_says_by_whom(
    house: WorldHouse, manager: Visitor
) -> None:
    async with manager.raw.get(f"/month/table.csv?month={MONTH}") as answer:
        body = await answer.read()
        assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert answer.headers["Cache-Control"] == "no-store"
        assert f"month-{MONTH}.csv" in answer.headers["Content-Disposition"]
    assert body.startswith("\ufeff成员单位,病例,".encode())
    heads, *rows = csv.reader(io.StringIO(body.decode("utf-8-sig")))
    assert rows[-1][:2] == ["合计", str(COUNT)]
    assert {len(row) for row in rows} == {len(heads)}
    async with manager.raw.get(f"/month/table.xlsx?month={MONTH}") as answer:
        book = opened(await answer.read())
        assert "spreadsheetml" in answer.headers["Content-Type"]
    assert [row[:2] for row in book] == [row[:2] for row in (heads, *rows)]
    line = next(
        each for each in reversed(house.world.now.lines()) if each.kind == "statistics.exported"
    )
    assert line.practitioner_id == house.world.person(Side.LEAD, Role.MANAGER).actor.practitioner_id


async def test_a_list_leaves_whole_with_dates_and_without_anybodys_name(
    manager: Visitor,
) -> None:
    async with manager.raw.get(f"/month/cases.csv?month={MONTH}&figure=answered") as answer:
        text = (await answer.read()).decode("utf-8-sig")
    listed = await length_of(manager, f"/month/cases?month={MONTH}&figure=answered")
    heads, *rows = csv.reader(io.StringIO(text))
    assert (heads[0], len(rows)) == ("病例号", listed)
    datetime.strptime(rows[0][1], "%Y-%m-%d %H:%M")  # noqa: DTZ007 - as it is shown
    async with manager.raw.get(f"/month/cases.xlsx?month={MONTH}&figure=answered") as answer:
        book = opened(await answer.read())
    assert len(book) == listed + 1
    assert book[1][1][:10] == rows[0][1][:10]
    present = (await manager.page("/month/cases"))[1]
    assert all(canary.name not in text + present for canary in CANARIES)


def opened(body: bytes) -> list[list[str]]:
    """The first sheet, as the house reads the workbooks of others."""
    descriptor = os.memfd_create("book")
    try:
        os.write(descriptor, body)
        return read_first_sheet(descriptor)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_no_text_in_a_file_is_a_formula(begin: str) -> None:
    at = datetime.fromisoformat("2025-12-31T16:30:00+00:00")
    text = f"{begin}cmd|'/c calc'!A1"
    sheet = Sheet("表:一", ["机构", text], [[text, at], ["卫生院 <&>", at]], "Asia/Shanghai")
    for rows in (
        list(csv.reader(io.StringIO(as_csv(sheet).decode("utf-8-sig"), newline=""))),
        opened(as_workbook([sheet, sheet])),
    ):
        assert rows[0][1].startswith("'")
        assert rows[1][0].startswith("'")
        assert rows[2][0] == "卫生院 <&>"
        assert rows[1][1].startswith("2026-01-01")
    assert b"<f>" not in as_workbook([sheet])
    assert harmless("乡卫生院") == "乡卫生院"


def test_a_moment_is_a_date_to_a_spreadsheet() -> None:
    """Its serial number counts days from the end of 1899, so that WPS can sort and reckon."""
    at = datetime.fromisoformat("2026-01-01T04:00:00+00:00")
    [[_head], [shown]] = opened(as_workbook([Sheet("s", ["t"], [[at]], "Asia/Shanghai")]))
    assert shown.startswith("2026-01-01")
    later = opened(as_workbook([Sheet("s", ["t"], [[at + timedelta(days=1)]], "Asia/Shanghai")]))
    assert later[1][0].startswith("2026-01-02")


def test_every_figure_has_its_words() -> None:
    assert set(HEADS) == set(MEANT) == set(Figure)
    assert len(SPANS) == len(SPANS_S) + 1

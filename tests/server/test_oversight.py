"""Supervision: a list with filters and one page a case, for whoever was let in, and no more."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Iterator
from datetime import date

import pytest

from consult.cases import service as cases
from consult.cases.oversight_store import Filter
from consult.dossiers import statistics
from consult.dossiers.retention import parse_retention
from consult.dossiers.statistics import GroupedBy
from consult.kernel.rules import MalformedRulesError
from consult.kernel.work import Entry, Role, Work
from consult.people.organisations import consortia
from consult.people.patients.masking import mask_name
from consult.referrals import service_slip
from consult.reports import service as reports
from server.workbooks import harmless
from tests.makers.browsers import open_chromium
from tests.makers.reports import claim
from tests.makers.returns import send_back
from tests.makers.rulebooks import read_config
from tests.makers.visitor import Visitor
from tests.makers.world import CANARIES, CODES, MISNAMED
from tests.makers.world_house import WorldHouse, open_world
from tests.makers.world_people import Side

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]
WAITING, REFERRED = CANARIES[1], CANARIES[3]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorldHouse]:
    """A house in which AWAY's authority supervises the consortium of HOME and LEAD."""
    with open_world(tmp_path_factory.mktemp("oversight")) as opened:
        opened.world.now.system(
            consortia.add_overseer,
            consortium_id=opened.world.things["consortium"],
            institution_id=opened.world.places[Side.AWAY],
        )
        yield opened


@pytest.fixture
async def regulator(house: WorldHouse) -> AsyncIterator[Visitor]:
    async with house.visitor(house.world.person(Side.AWAY, Role.REGULATOR)) as visitor:
        yield visitor


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王英", "王*"),
        ("王秀英", "王*英"),
        ("欧阳琉璃", "欧**璃"),
        ("Wang Xiuying", "W***"),
        ("阿依古丽·买买提", "阿******提"),
        ("", ""),
    ],
)
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


async def test_the_page_tells_who_did_what_and_not_who_the_patient_is(
    house: WorldHouse, regulator: Visitor
) -> None:
    case_id = house.world.things["referred"]
    before = house.world.now.kinds().count("case.overseen")
    status, page = await regulator.page(f"/oversight/cases/{case_id}")
    assert status == 200
    for word in ("病例监管单页", mask_name(REFERRED.name), "签名有效", "核验一致", "按时", "预约"):
        assert word in page, word
    for secret in (REFERRED.name, REFERRED.number, REFERRED.phone, REFERRED.address):
        assert secret not in page
    assert REFERRED.number[-4:] not in page.split("<main")[1].split("SHA-256")[0]
    status, told = await regulator.get(f"/api/oversight/cases/{case_id}")
    assert status == 200
    assert (told["is_whole"], told["reported"]["is_kept"]) == (True, True)
    assert REFERRED.name not in str(told)
    assert house.world.now.kinds().count("case.overseen") == before + 2


async def test_it_counts_who_looked_at_pictures_and_what_left_the_house(
    house: WorldHouse, regulator: Visitor
) -> None:
    things = house.world.things
    path = f"/api/oversight/cases/{things['case']}"
    before = (await regulator.get(path))[1]
    photographer = house.world.person(Side.HOME, Role.PHOTOGRAPHER)
    place = f"/dicomweb/{{}}/studies/{things['study_uid']}/series/{things['series_uid']}"
    place += f"/instances/{things['sop_uid']}/rendered"
    async with house.visitor(photographer) as visitor:
        asked = visitor.raw.get(place.format(CODES[Side.HOME]), headers={"Accept": "image/jpeg"})
        async with asked as answer:
            assert answer.status == 200
    for _ in range(100):
        after = (await regulator.get(path))[1]
        if after["views"] > before["views"]:
            break
        await asyncio.sleep(0.2)
    assert after["views"] == before["views"] + 1
    path = f"/api/oversight/cases/{things['amended']}"
    before = (await regulator.get(path))[1]
    house.world.now.do(
        house.world.consortium.physician, _note_paper, report_id=things["amended_report"]
    )
    assert (await regulator.get(path))[1]["taken"] == before["taken"] + 1


def _note_paper(work: Work, *, report_id: str) -> None:
    """What handing over a PDF writes."""
    report = reports.get_report(work, report_id)
    work.journal(Entry("report.downloaded", "report", report.id, case_id=report.case_id))


async def test_it_says_what_an_authority_asks_beside_the_course(
    house: WorldHouse, regulator: Visitor
) -> None:
    path = f"/oversight/cases/{house.world.things['amended']}"
    status, page = await regulator.page(path)
    assert status == 200
    for word in ("当日执业证", "合作协议", "文本版本", "更正", "姓名", "姓名录入有误"):
        assert word in page, word
    assert MISNAMED not in page
    told = (await regulator.get(f"/api{path}"))[1]
    [correction] = told["corrections"]
    assert (correction["of_version"], correction["fields"]) == (1, ["patient.name"])
    assert correction["before_sha256"] == told["reports"][-1]["sha256"]
    assert len(told["licences"]) == 2
    back = (await regulator.get(f"/api/oversight/cases/{house.world.things['retracted']}"))[1]
    assert [each["cause"] for each in back["corrections"]] == ["", "wrong_patient"]


async def test_a_return_stands_on_it_with_what_was_asked_and_no_name(
    house: WorldHouse, regulator: Visitor
) -> None:
    near, case_id = house.world.consortium, house.world.things["case"]
    case = house.world.now.system(cases.get_case, case_id=case_id)
    claim(near, case, by=near.expert)
    send_back(near, case, note=f"{WAITING.name}的照片不清")
    status, page = await regulator.page(f"/oversight/cases/{case_id}")
    assert status == 200
    for word in ("退回补充", "左眼", f"{mask_name(WAITING.name)}的照片不清"):
        assert word in page, word
    assert WAITING.name not in page
    [turn] = (await regulator.get(f"/api/oversight/cases/{case_id}"))[1]["turns"]
    assert (turn["kind"], turn["items"][0]["code"]) == ("returned", "out_of_focus")


async def test_the_paper_says_who_took_it_out_where_and_when(
    house: WorldHouse, regulator: Visitor
) -> None:
    _status, page = await regulator.page(f"/oversight/cases/{house.world.things['referred']}")
    found = re.search(r'<p class="paper-mark" aria-hidden="true">([^<]*)</p>', page)
    assert found is not None
    assert found[1].count(" · ") == 2
    assert re.search(r"\d{4}年\d+月\d+日 \d\d:\d\d$", found[1])


async def test_the_authority_sees_nothing_else(house: WorldHouse, regulator: Visitor) -> None:
    things = house.world.things
    for path in (
        f"/cases/{things['referred']}",
        f"/api/cases/{things['referred']}",
        f"/api/cases/{things['referred']}/timeline",
        f"/reports/{things['report']}",
        f"/oversight/cases/{things['draft']}",
    ):
        assert (await regulator.page(path))[0] == 404, path
    other = house.world.person(Side.AWAY, Role.REQUESTING_PHYSICIAN)
    async with house.visitor(other) as visitor:
        assert (await visitor.page(f"/oversight/cases/{things['referred']}"))[0] == 403


async def test_the_list_is_filtered_and_bounded(house: WorldHouse, regulator: Visitor) -> None:
    _status, all_of_them = await regulator.get("/api/oversight/cases")
    numbers = [case["number"] for case in all_of_them["cases"]]
    assert len(numbers) == 5
    assert numbers == sorted(numbers, reverse=True)
    month = house.world.now.now.astimezone().strftime("%Y-%m")
    home, away = (house.world.places[side] for side in (Side.HOME, Side.AWAY))
    for query, count in (
        (f"month={month}", 5),
        ("month=2020-01", 0),
        (f"institution={home}", 5),
        (f"institution={away}", 0),
        ("service=screening_read", 5),
        ("service=remote_consultation", 0),
        (f"before={all_of_them['cases'][1]['id']}", 3),
    ):
        _status, told = await regulator.get(f"/api/oversight/cases?{query}")
        assert len(told["cases"]) == count, query
    for query in (
        "month=2020-13",
        "month=9999-12",
        "month=0001-01",
        "service=all",
        "institution=x",
    ):
        assert (await regulator.get(f"/api/oversight/cases?{query}"))[0] == 422
    status, page = await regulator.page("/oversight")
    assert (status, numbers[0] in page) == (200, True)
    assert all(canary.name not in page for canary in CANARIES)


async def test_statistics_are_what_a_hand_counts(house: WorldHouse, regulator: Visitor) -> None:
    told = (await regulator.get("/api/oversight/statistics"))[1]
    listed = (await regulator.get("/api/oversight/cases"))[1]["cases"]
    sheets = [(await regulator.get(f"/api/oversight/cases/{case['id']}"))[1] for case in listed]
    [row] = told["rows"]
    assert row["key"] == house.world.places[Side.HOME]
    assert row["counts"] == told["total"]
    statuses = [each["status"] for sheet in sheets for each in sheet["reports"]]
    turns = [turn["kind"] for sheet in sheets for turn in sheet["turns"]]
    by_hand = {
        "cases": len(sheets),
        "reported_in_time": sum(sheet["reported"]["is_kept"] is True for sheet in sheets),
        "reported_late": sum(sheet["reported"]["is_kept"] is False for sheet in sheets),
        "accepted_in_time": sum(sheet["accepted"]["is_kept"] is True for sheet in sheets),
        "corrected": statuses.count("amended"),
        "retracted": statuses.count("retracted"),
        "returned": turns.count("returned"),
        "exports": sum(sheet["taken"] for sheet in sheets),
    }
    assert {name: told["total"][name] for name in by_hand} == by_hand
    assert min(by_hand["corrected"], by_hand["retracted"], by_hand["reported_in_time"]) >= 1
    counts = told["total"]
    in_all = sum(counts[f"reported_{how}"] for how in ("in_time", "late", "open"))
    assert in_all == counts["cases"] - counts["withdrawn"]


async def test_statistics_are_grouped_and_bounded(house: WorldHouse, regulator: Visitor) -> None:
    path = "/api/oversight/statistics"
    for query, key in (
        ("by=invited", house.world.places[Side.LEAD]),
        ("by=service", "screening_read"),
    ):
        [row] = (await regulator.get(f"{path}?{query}"))[1]["rows"]
        assert row["key"] == key
    for query in (
        "first=2020-01",
        "service=remote_diagnosis",
        f"institution={house.world.places[Side.AWAY]}",
    ):
        assert (await regulator.get(f"{path}?{query}"))[1]["rows"] == [], query
    for query in (
        *(
            "first=2020-13",
            "first=9999-12",
            "last=9999-12",
            "first=0001-01",
            "last=x",
            "by=doctor",
            "institution=x",
            "service=x",
        ),
        *("first=2020-01&last=2021-01", "first=2020-02&last=2020-01"),
    ):
        assert (await regulator.get(f"{path}?{query}"))[0] == 422, query


def test_the_total_is_of_all_rows_where_not_all_are_shown(
    house: WorldHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = house.world.person(Side.AWAY, Role.REGULATOR).actor
    whole = house.world.now.do(person, statistics.count, wanted=Filter(), by=GroupedBy.INVITING)
    assert whole.total["cases"] >= 5
    monkeypatch.setattr(statistics, "MOST_ROWS", 0)
    cut = house.world.now.do(person, statistics.count, wanted=Filter(), by=GroupedBy.INVITING)
    assert (cut.rows, cut.total) == ([], whole.total)


async def test_statistics_are_taken_away_as_a_table_and_the_journal_says_by_whom(
    house: WorldHouse, regulator: Visitor
) -> None:
    async with regulator.raw.get("/oversight/statistics.csv") as answer:
        table = await answer.read()
    assert answer.headers["Content-Disposition"].endswith('.csv"')
    assert table.startswith("\ufeff邀请方,提交病例,".encode())
    first, *rows = csv.reader(io.StringIO(table.decode("utf-8-sig")))
    assert [row[0] for row in rows][-1] == "合计"
    assert {len(row) for row in rows} == {len(first)}
    status, page = await regulator.page("/oversight/statistics")
    assert (status, "按时报告" in page) == (200, True)
    assert all(canary.name not in page for canary in CANARIES)
    lines = house.world.now.lines()
    line = next(each for each in reversed(lines) if each.kind == "statistics.exported")
    regulators = house.world.person(Side.AWAY, Role.REGULATOR)
    assert line.practitioner_id == regulators.actor.practitioner_id
    doctor = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with house.visitor(doctor) as visitor:
        assert (await visitor.page("/oversight/statistics"))[0] == 403


@pytest.mark.parametrize("name", ["=cmd|'/c calc'!A1", "+1", "-1", "@x"])
def test_a_name_is_no_formula_in_a_table(name: str) -> None:
    assert harmless(name) == f"'{name}"
    assert harmless("江州市眼科医院") == "江州市眼科医院"


async def test_the_page_says_what_was_told_who_was_there_and_how_long_it_is_kept(
    house: WorldHouse, regulator: Visitor
) -> None:
    path = f"/oversight/cases/{house.world.things['referred']}"
    appointment = house.world.things["appointment"]
    before = (await regulator.get(f"/api{path}"))[1]["told"]
    house.world.now.do(
        house.world.consortium.physician, service_slip.open_slip, appointment_id=appointment
    )
    told = (await regulator.get(f"/api{path}"))[1]
    assert [each["kind"] for each in told["told"][len(before) :]] == ["appointment.slip_opened"]
    assert told["not_recorded"] == ["result_told", "others_present"]
    assert (told["kept_until"], told["journal_head"].count("-")) == (None, 1)
    _status, page = await regulator.page(path)
    for word in ("预约就诊单", "未记录", "至少 15 年", "第五十三条", "自病例办结之日起算"):
        assert word in page, word


def test_a_record_is_kept_for_whole_years() -> None:
    kept = parse_retention(read_config("retention.toml"))
    assert kept.record.until(date(2028, 2, 29)) == date(2043, 2, 28)
    assert kept.process.until(date(2026, 11, 22)) == date(2029, 11, 22)
    with pytest.raises(MalformedRulesError):
        parse_retention({**read_config("retention.toml"), "record": {"years": 0}})


async def test_supervision_ends(house: WorldHouse, regulator: Visitor) -> None:
    change = {
        "consortium_id": house.world.things["consortium"],
        "institution_id": house.world.places[Side.AWAY],
    }
    house.world.now.system(consortia.end_overseer, **change)
    try:
        path = f"/oversight/cases/{house.world.things['referred']}"
        assert (await regulator.page(path))[0] == 404
        assert (await regulator.get("/api/oversight/cases"))[1]["cases"] == []
    finally:
        house.world.now.system(consortia.add_overseer, **change)


@pytest.mark.browser
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
async def test_it_is_one_sheet_of_a4(house: WorldHouse, language: str) -> None:
    person = house.world.person(Side.AWAY, Role.REGULATOR)
    cookies = person.cookies | {"lianzhen_lang": language}
    async with open_chromium() as browser:
        context = await browser.new_context()
        await context.add_cookies(
            [{"name": name, "value": value, "url": house.base} for name, value in cookies.items()]
        )
        page = await context.new_page()
        await page.goto(f"{house.base}/oversight/cases/{house.world.things['referred']}")
        paper = await page.pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1

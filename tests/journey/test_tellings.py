"""The morning after: twenty normal answers are accepted, printed and told by batch, one singly."""

import re
import subprocess
from pathlib import Path

import pytest

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus, ServiceType
from consult.kernel.work import Role
from consult.reports import service as reports
from consult.reports import service_decide
from consult.reports.model import ReportBody
from consult.reports.seal import load_seal
from consult.reports.tellings import service as tellings
from consult.reports.versions import NextStep
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number
from tests.makers.reports import full_body, make_read_case, prepare, sign
from tests.makers.screen import PHONE, Screen
from tests.makers.second_readings import normal_body
from tests.makers.tellings import decide
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(400)]
_NORMALS = 20
_MOST_PRESSES = {"accept": 5, "singly": 3, "together": 2}
_TYPED = "金丝雀写的话"
_COUNT = """() => { document.addEventListener("pointerdown", () => {
    sessionStorage.presses = Number(sessionStorage.presses ?? 0) + 1; }, true); }"""


def answered(house: WorldHouse, sequence: int, body: ReportBody, *, name: str) -> Case:
    """A screening that was read and signed."""
    near = house.world.consortium
    seal = load_seal(house.house.data_dir / "keys")
    who = {"document_number": citizen_number(sequence, birth="19550220"), "name": name}
    case = make_read_case(near, service_type=ServiceType.SCREENING_READ, **who)
    sign(
        near, case, by=near.expert, shown=prepare(near, case, by=near.expert, body=body), seal=seal
    )
    return case


def decided(house: WorldHouse, sequence: int) -> Case:
    """A screening with a finding, received and decided; the expert typed words of her own."""
    body = full_body(impression=_TYPED, advice=_TYPED)
    case = answered(house, sequence, body, name="陶桂兰")
    near = house.world.consortium  # its clock stands where it was asked for
    report = near.clinic.system(reports.list_reports, case_id=case.id)[0]
    near.clinic.do(near.physician, service_decide.receive_report, report_id=report.id)
    decide(near, case.id, NextStep.CLOSE, reason="患者要求在本院随访")
    return case


async def presses(screen: Screen) -> int:
    """How often was pressed since the last time this was asked."""
    return int(
        await screen.page.evaluate(
            "() => { const n = sessionStorage.presses ?? 0; sessionStorage.presses = 0; return n; }"
        )
    )


async def looks_well(screen: Screen, name: str) -> None:
    """In both windows, with nothing beyond its edge."""
    wide = screen.size
    for size in (PHONE, wide):
        await screen.resize(size)
        assert await screen.find_overflow() == []
        await screen.assert_accessible()
        await screen.shoot(name)


async def test_normals_are_accepted_printed_and_told_by_batch_and_a_finding_singly(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path
) -> None:
    normal = [
        answered(world_house, 600 + 2 * number, normal_body(), name="柳月英")
        for number in range(_NORMALS)
    ]
    finding = decided(world_house, 690)
    world = world_house.world
    doctor = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with at_door(world_house.base) as screen:
        await screen.come_as(let_in(world.now, doctor).token)
        await screen.page.add_init_script(f"({_COUNT})()")
        await accept_all(screen)
        await screen.press(screen.at('.rail a[href="/tellings"]'))
        count, before = screen.at('.rail a[href="/tellings"] b'), waiting(world_house)
        assert before >= _NORMALS + 1
        await count.filter(has_text=re.compile(rf"^{before}$")).wait_for()
        for case in normal:
            assert await screen.at(f'#together [data-key="{case.id}"]').count() == 1
        await looks_well(screen, "tellings")
        await print_all(screen, tmp_path)
        await print_chosen(screen, normal, finding, tmp_path)
        await tell_all(screen)
        await tell_one(screen, finding)
        await count.filter(has_text=re.compile(rf"^{before - _NORMALS - 1}$")).wait_for()
    found = [world.now.system(cases.get_case, case_id=each.id) for each in (*normal, finding)]
    assert {(case.status, case.told) for case in found} == {(CaseStatus.CLOSED, True)}


async def accept_all(screen: Screen) -> None:
    """Receive and accept every answer without a finding."""
    await screen.go("/cases?view=arrived")
    await screen.press(screen.at('a[href="/receipts"]'))
    await screen.at('label:has([name="has_read"])').click()
    await screen.at('label:has([name="accepts"])').click()
    await screen.press(screen.at('button[form="receipts"]'))
    assert 0 < await presses(screen) <= _MOST_PRESSES["accept"]


async def print_all(screen: Screen, folder: Path) -> None:
    """The notices of all of them as one page and as one PDF."""
    await screen.press(screen.at('a[href="/result-notices?of=together"]'))
    assert await screen.at(".notice-sheet").count() == _NORMALS
    await looks_well(screen, "result-notices")
    made = await pdf_of(screen, "/result-notices.pdf?of=together", folder)
    assert pages_of(made) == _NORMALS, "one job, one sheet a patient"
    assert text_of(made).count("柳月英") == _NORMALS


async def print_chosen(screen: Screen, normal: list[Case], finding: Case, folder: Path) -> None:
    """From the screening desk: all but one of the normal together, a finding by itself alone."""
    await screen.go("/screening")
    await screen.at(".bar-menu summary").click()
    await screen.shoot("screening-print")
    await screen.press(screen.at('a[href="/screening/notices"]'))
    assert await screen.at('#together input[name="case"]:checked').count() == _NORMALS
    assert await screen.at(f'#singly a[href="/cases/{finding.id}/result-notice"]').count() == 1
    await looks_well(screen, "notices-chosen")
    await screen.at(f'#together label:has([value="{normal[0].id}"])').click()
    await screen.press(screen.at('#together button[type="submit"]'))
    printed = await screen.at(".notice-sheet").evaluate_all(
        "(all) => all.map((one) => one.dataset.case)"
    )
    assert set(printed) == {case.id for case in normal[1:]}
    chosen = "&".join(f"case={case.id}" for case in normal[1:])
    made = await pdf_of(screen, f"/screening/notices/print.pdf?{chosen}", folder)
    assert pages_of(made) == _NORMALS - 1
    await screen.go(f"/screening/notices/print?case={finding.id}")
    assert await screen.at(".notice-sheet").count() == 0


async def tell_all(screen: Screen) -> None:
    """Say of all of them that they have their paper."""
    await screen.go("/tellings")
    await presses(screen)
    await screen.at('#together label:has([value="paper"])').click()
    await screen.press(screen.at('#together button[type="submit"]'))
    assert 0 < await presses(screen) <= _MOST_PRESSES["together"]
    assert await screen.at("#together").count() == 0
    answer = await screen.page.request.get(f"{screen.base}/result-notices.pdf?of=together")
    assert answer.status == 404, "nobody waits for one"


async def tell_one(screen: Screen, finding: Case) -> None:
    """Tell the patient with a finding in person."""
    await screen.press(screen.at(f'[data-key="{finding.id}"] a.btn'))
    await looks_well(screen, "telling")
    await screen.at('#told label:has([value="in_person"])').click()
    await screen.press(screen.at('#told button[type="submit"]'))
    assert 0 < await presses(screen) <= _MOST_PRESSES["singly"]
    assert await screen.at(f'[data-key="{finding.id}"]').count() == 0


def waiting(house: WorldHouse) -> int:
    """How many patients of the clinic are to be told."""
    near = house.world.consortium
    return near.clinic.do(near.physician, tellings.count_open)


async def test_the_notice_of_a_finding_has_nothing_that_the_expert_typed(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path
) -> None:
    finding = decided(world_house, 694)
    world = world_house.world
    doctor = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with at_door(world_house.base, language="en") as screen:
        await screen.come_as(let_in(world.now, doctor).token)
        await screen.go(f"/tellings/{finding.id}")
        assert _TYPED in await screen.at("#telling").inner_text(), "the control: she typed it"
        notice = f"/cases/{finding.id}/result-notice"
        case = await screen.page.request.get(f"{screen.base}/cases/{finding.id}")
        assert f'href="{notice}.pdf"' in await case.text()
        await screen.go(notice)
        await looks_well(screen, "result-notice")
        shown = await screen.at("main").inner_text()
        assert "Moderate damage from diabetes was seen." in shown
        assert _TYPED not in shown
        made = await pdf_of(screen, f"{notice}.pdf", tmp_path)
        assert pages_of(made) == 1
        assert "Moderate damage" in text_of(made)
        assert _TYPED not in text_of(made)
    kinds = [line.kind for line in world.now.lines() if line.case_id == finding.id]
    assert kinds.count("telling.printed") == 2


async def test_a_patient_on_a_track_of_closer_watching_stands_so_on_the_printed_list(
    world_house: WorldHouse, at_door: Opener
) -> None:
    finding = decided(world_house, 698)
    world = world_house.world
    doctor = world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with at_door(world_house.base) as screen:
        await screen.come_as(let_in(world.now, doctor).token)
        await screen.go("/recalls?view=later")
        row = screen.at(f'#recalls [data-key="{finding.id}"]')
        assert "按报告间隔" in await row.inner_text()
        await looks_well(screen, "recalls")
        await screen.press(row.locator("a.btn"))
        await looks_well(screen, "recall")
        await screen.submit(screen.at("#track"), {"track": "pregnancy"})
        assert "妊娠期" in await screen.at("#recall").inner_text()
        await screen.go("/recalls/print?view=later")
        assert "妊娠期" in await screen.at("main").inner_text()
        await looks_well(screen, "recalls-paper")
    kinds = [line.kind for line in world.now.lines() if line.case_id == finding.id]
    assert [kinds.count(kind) for kind in ("recall.moved", "recall.listed")] == [1, 1]


async def pdf_of(screen: Screen, path: str, folder: Path) -> Path:
    """The PDF behind an address, as the signed-in browser gets it."""
    answer = await screen.page.request.get(f"{screen.base}{path}")
    assert answer.status == 200, await answer.text()
    made = folder / "notices.pdf"
    made.write_bytes(await answer.body())
    return made


def pages_of(made: Path) -> int:
    told = run("pdfinfo", str(made))
    found = re.search(r"Pages:\s+(\d+)", told)
    assert found is not None
    return int(found[1])


def text_of(made: Path) -> str:
    return run("pdftotext", "-layout", str(made), "-")


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()

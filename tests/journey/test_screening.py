"""The photographer's morning: a pasted list, then patient after patient in one page (U1, U18)."""

from pathlib import Path

import pytest

from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number
from tests.makers.screen import Screen
from tests.makers.screening_morning import (
    COUNT,
    FILES_MS,
    PAUSE,
    come,
    confirm_eyes,
    consent,
    counts,
    drop,
    four,
    history,
    paste,
)
from tests.makers.workbooks import make_workbook
from tests.makers.world_house import WorldHouse

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(400)]
FIRST, SECOND = "项根娣", "叶金凤"
MOST_CLICKS, MOST_KEYS = 15, 40
MOST_TO_SUBMIT = 6


def pasted(first: int) -> str:
    """Two patients in order, one whose check digit is wrong, and one who stands there twice."""
    numbers = [citizen_number(first + step, birth="19580203") for step in range(2)]
    wrong = numbers[0][:-1] + ("1" if numbers[0][-1] != "1" else "2")
    lines = [(FIRST, numbers[0]), (SECOND, numbers[1]), ("丁一", wrong), (FIRST, numbers[0])]
    return "\n".join(["姓名\t身份证号", *("\t".join(line) for line in lines)])


async def test_a_pasted_list_says_of_every_line_what_becomes_of_it(
    world_house: WorldHouse, at_door: Opener
) -> None:
    async with at_door(world_house.base) as nurse:
        await come(nurse, world_house, Role.PHOTOGRAPHER)
        await paste(nurse, pasted(301))
        lines = await nurse.at("#list-report tr[data-line] .list-why").all_inner_texts()
        assert nurse.say("建档并列入名单", "registered") in lines[0]
        assert nurse.say("校验", "check digit") in lines[2]
        assert nurse.say("与第 2 行为同一人", "line 2") in lines[3]
        await nurse.assert_accessible()
        await nurse.shoot("screening-report")
        await nurse.press(nurse.at("#list-report form button[type=submit]"))
        assert nurse.path == "/screening"
        names = await nurse.at(".desk-list .name").all_inner_texts()
        assert names[-2:] == [FIRST, SECOND]
        assert await nurse.find_overflow() == []


async def test_a_list_in_a_workbook_is_checked_as_if_it_had_been_pasted(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path
) -> None:
    book = tmp_path / "名单.xlsx"
    number = citizen_number(331, birth="19580203")
    book.write_bytes(make_workbook([["姓名", "身份证号"], ["钟阿妹", number]]))
    broken = tmp_path / "坏.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    async with at_door(world_house.base) as nurse:
        await come(nurse, world_house, Role.PHOTOGRAPHER)
        await nurse.go("/screening/list")
        async with nurse.refused(422, "/lists/read"):
            await nurse.at("input[type=file]").set_input_files(broken)
        await nurse.assert_said("无法读取该工作簿", "cannot be read")
        await nurse.at("input[type=file]").set_input_files(book)
        line = nurse.at('#list-report tr[data-line="2"]')
        await line.wait_for()
        assert "钟阿妹" in await line.inner_text()


async def test_patients_follow_one_another_without_a_page_load_and_within_the_counts(
    world_house: WorldHouse, at_door: Opener, real_files: Path
) -> None:
    async with at_door(world_house.base) as nurse, at_door(world_house.base) as doctor:
        await come(nurse, world_house, Role.PHOTOGRAPHER)
        await paste(nurse, pasted(311))
        await nurse.page.add_init_script(COUNT)
        await nurse.press(nurse.at("#list-report form button[type=submit]"))
        key = str(await nurse.at(".desk-list tr", has_text=SECOND).last.get_attribute("data-key"))
        await come(doctor, world_house, Role.REQUESTING_PHYSICIAN)
        await doctor.page.add_init_script(COUNT)
        await doctor.go("/screening")
        await doctor.at('.live[data-state="live"]').wait_for()
        loads: list[str] = []
        nurse.page.on("load", lambda page: loads.append(page.url))
        before = await counts(nurse.page)
        await prepare(nurse, key, real_files / "image" / "fundus")
        for screen in (nurse, doctor):
            said = screen.say("待提交", "Ready")
            await screen.at(f'tr[data-key="{key}"] .badge', has_text=said).wait_for()
        after = await counts(nurse.page)
        assert after[0] - before[0] <= MOST_CLICKS, after
        assert after[1] - before[1] <= MOST_KEYS, after
        await nurse.assert_accessible()
        await nurse.shoot("screening-open")
        await go_on(nurse, key)
        assert loads == []
        await print_papers(nurse)
        await send_all(doctor, key)


async def prepare(nurse: Screen, key: str, fundus: Path) -> None:
    """Everything for one patient: begun, consent, history, photographs, their eyes."""
    await nurse.at(f'tr[data-key="{key}"]').get_by_role("button").click()
    await nurse.at("#desk-open form").first.wait_for()
    assert SECOND in await nurse.at("#desk-banner").inner_text()
    await consent(nurse)
    await history(nurse)
    await drop(nurse, f'tr[data-key="{key}"]', *four(fundus))
    await confirm_eyes(nurse)


async def go_on(nurse: Screen, key: str) -> None:
    """A scan leads to a patient's row, one key to the one after her; what was typed was kept."""
    scan = nurse.at("#scan")
    await scan.fill(citizen_number(311, birth="19580203"))
    await scan.press("Enter")
    await nurse.at("#desk-banner", has_text=FIRST).wait_for()
    await nurse.page.keyboard.press("F2")
    await nurse.at("#desk-banner", has_text=SECOND).wait_for()
    assert nurse.page.url.endswith(f"?row={key}")
    kept = nurse.at('#desk-open [name="answers.va_left.value"]')
    assert await kept.input_value() == "4.7"


async def print_papers(nurse: Screen) -> None:
    """The list with bar codes, and a consent form for who has signed none."""
    await nurse.go("/screening/print")
    assert {FIRST, SECOND} <= set(await nurse.at(".paper-table .name").all_inner_texts())
    await nurse.shoot("screening-paper")
    await nurse.go("/screening/consents")
    named = await nurse.at(".consent-sheet .name").all_inner_texts()
    assert len(named) == await nurse.at(".consent-sheet svg.bar-code").count() > 0
    await nurse.shoot("screening-consents")


async def send_all(doctor: Screen, key: str) -> None:
    """The physician looks at all photographs, chooses what is ready and sends it: few clicks."""
    await doctor.press(doctor.at('a[href="/screening/sheet"]'))
    row = doctor.at(f'.sheet-row[data-key="{key}"]')
    assert await row.locator("img.sheet-shot").count() == 4
    await doctor.assert_accessible()
    await doctor.shoot("screening-sheet")
    form = doctor.at('button[form="sheet-form"]')
    async with doctor.refused(422, "/screening/submit"):
        await form.click()
    await doctor.at("[data-choose-all-for]").click()
    await doctor.press(form)
    clicks, _keys = await counts(doctor.page)
    assert 0 < clicks <= MOST_TO_SUBMIT
    assert await doctor.at(f'.sheet-row[data-key="{key}"]').count() == 0
    assert doctor.say("已提交 1 例", "Sent: 1") in await doctor.at(".notice-ok").inner_text()


async def test_a_case_is_submitted_while_its_photographs_wait_and_goes_by_itself(
    world_house: WorldHouse, at_door: Opener, real_files: Path
) -> None:
    async with at_door(world_house.base) as doctor:
        await come(doctor, world_house, Role.REQUESTING_PHYSICIAN)
        await paste(doctor, pasted(351))
        await doctor.press(doctor.at("#list-report form button[type=submit]"))
        key = str(await doctor.at(".desk-list tr", has_text=SECOND).last.get_attribute("data-key"))
        row = f'tr[data-key="{key}"]'
        await doctor.at(row).get_by_role("button").click()
        await doctor.at("#desk-open form").first.wait_for()
        await consent(doctor)
        await history(doctor)
        await doctor.page.evaluate(PAUSE)
        await drop(doctor, row, *four(real_files / "image" / "fundus"))
        button = doctor.at('#desk-lacks button[data-url$="/submit-when-whole"]')
        await button.wait_for()
        await doctor.shoot("screening-advance")
        await button.click()
        said = doctor.say("上传完成后自动提交", "Submits itself")
        await doctor.at(f"{row} .badge", has_text=said).wait_for()
        await doctor.at("[data-queue-target=pause]").click()
        await doctor.at(f"{row} a[data-desk]").first.click()
        await confirm_eyes(doctor)
        await doctor.at(f"{row} td.num a[data-desk]").click()
        await doctor.at(f'{row} a[href^="/cases/"]').wait_for(timeout=FILES_MS)

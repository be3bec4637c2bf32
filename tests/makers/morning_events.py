"""What goes wrong in a screening morning: line, browser, lock, the wrong folder, a screenshot."""

import asyncio
import io
from typing import Final

from PIL import Image, ImageDraw

from tests.makers.clinic_pc import ClinicPc
from tests.makers.morning import (
    Patient,
    ask,
    assert_typed,
    begin,
    come_back,
    counted,
    give,
    settle,
)
from tests.makers.screen import Screen
from tests.makers.screening_morning import FILES_MS, GO_ON, PAUSE, drop, type_in

CUT, CLOSED, IDLE, SWAPPED, SCREENSHOT = "cut", "closed", "idle", "swapped", "screenshot"
_NAME: Final = "HIS-2026.png"


def screenshot() -> bytes:
    """A window of the hospital's system, as it lies in the folder of a hasty hand."""
    image = Image.new("RGB", (1280, 720), "#f4f6f8")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 1280, 60), fill="#1f5fa8")
    for line in range(12):
        pen.rectangle((40, 100 + 48 * line, 1240, 136 + 48 * line), outline="#9aa7b5", width=2)
        pen.text((60, 108 + 48 * line), f"2026-03-{line + 1:02} OUTPATIENT {line * 7919:08}")
    coded = io.BytesIO()
    image.save(coded, "PNG")
    return coded.getvalue()


async def prepare(
    pc: ClinicPc, patient: Patient, event: str | None, *, before: Patient | None, cut_s: float = 0
) -> None:
    """Everything for one patient up to the first word on her photographs, whatever happens."""
    await begin(pc, patient)
    if event == CUT:
        await _through_a_cut(pc, patient, cut_s)
    elif event == CLOSED:
        await _over_a_closed_browser(pc, patient)
    elif event == IDLE:
        await _behind_the_lock(pc, patient)
    elif event == SWAPPED and before is not None:
        await _with_the_folder_of(before, pc, patient)
    else:
        await ask(pc, patient)
        await give(pc, patient, more=[(_NAME, screenshot())] if event == SCREENSHOT else [])
    if event == SCREENSHOT:
        await _assert_told(pc.screen)


async def finish(pc: ClinicPc, patient: Patient, event: str | None) -> None:
    """Once her files have arrived: what does not belong there goes, her eyes are confirmed."""
    await come_back(pc, patient)
    if event is not None:
        await assert_typed(pc.screen, patient)
    if event == SWAPPED:
        await _leave_out(pc, patient)
    if event == SCREENSHOT:
        await _take_out(pc, patient)
    await settle(pc, patient)


async def _assert_told(nurse: Screen) -> None:
    """The photographer hears at once which of the files is no photograph of an eye."""
    line = nurse.at("#desk-open .file", has_text=_NAME)
    await line.and_(nurse.at(".file-warn")).filter(has_text="不像眼底照片").wait_for()


async def _through_a_cut(pc: ClinicPc, patient: Patient, cut_s: float) -> None:
    """What is typed without a line is kept in the page, and nobody is led away from it."""
    async with counted(pc, patient):
        await give(pc, patient)
    async with pc.cut_off():
        await ask(pc, patient)
        await pc.screen.page.keyboard.press("F2")
        await pc.screen.at("#desk-open .saved", has_text="未保存").wait_for()
        await asyncio.sleep(cut_s)
    await assert_typed(pc.screen, patient)
    await pc.screen.at("#desk-banner", has_text=patient.name).wait_for()


async def _over_a_closed_browser(pc: ClinicPc, patient: Patient) -> None:
    """The browser goes over files that wait; opened again, it goes on with them."""
    await ask(pc, patient)
    await pc.screen.at("#desk-open .saved", has_text="已保存").wait_for()
    await pc.screen.page.evaluate(PAUSE)
    await give(pc, patient)
    await pc.close()
    await pc.open()
    nurse = pc.screen
    await nurse.go(f"/screening?row={patient.key}")
    await assert_typed(nurse, patient)
    await nurse.at("[data-controller=queue]").wait_for()
    await nurse.at("[data-queue-target=pause]").click()


async def _behind_the_lock(pc: ClinicPc, patient: Patient) -> None:
    """Files that were on their way when the lock fell go on from the same page."""
    page = pc.screen.page
    await page.evaluate(PAUSE)
    await give(pc, patient)
    await ask(pc, patient)
    await pc.fall_idle()
    async with page.expect_response(lambda told: told.status == 401 and "/api/uploads" in told.url):
        await page.evaluate(GO_ON)
    await pc.unlock()
    await assert_typed(pc.screen, patient)


async def _with_the_folder_of(before: Patient, pc: ClinicPc, patient: Patient) -> None:
    """The folder of the patient before her falls on her row."""
    await ask(pc, patient)
    async with counted(pc, patient) as nurse:
        await drop(nurse, patient.row, before.names, before.photographs)


async def _leave_out(pc: ClinicPc, patient: Patient) -> None:
    """The files are known to be the other's: one act leaves them out, and her own come."""
    async with counted(pc, patient) as nurse:
        asked = nurse.at("#case-images .notice-warn", has_text=patient.names[0])
        await asked.first.wait_for(timeout=FILES_MS)
        await nurse.at("#case-images .notice-warn").nth(3).wait_for(timeout=FILES_MS)
        out = nurse.at('#case-images button[data-act-url-value$="/asked/leave-out"]').first
        await out.scroll_into_view_if_needed()
        await nurse.shoot("morning-swapped")
        await out.click()
        await out.wait_for(state="detached")
    await give(pc, patient)


async def _take_out(pc: ClinicPc, patient: Patient) -> None:
    """What is no photograph of an eye lies among no eye's, and is taken out again."""
    async with counted(pc, patient) as nurse:
        odd = nurse.at("#case-images .case-eyes + section .shot")
        await odd.wait_for(timeout=FILES_MS)
        await nurse.at("#case-images .shot").nth(4).wait_for(timeout=FILES_MS)
        await odd.locator("label.choice").click()
        await nurse.at("#images-form details summary").click()
        await type_in(nurse.at("#images-reason"), "HIS")
        await nurse.at('#images-form button[data-url$="/images/remove"]').click()
        await odd.wait_for(state="detached")

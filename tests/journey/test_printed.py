"""What leaves the printer: every sheet of a report says whose it is, and which of how many."""

import subprocess

import pytest

from consult.kernel.work import Role
from tests.journey.conftest import Opener
from tests.makers.screen import SHOTS
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(180)]
_LENGTHEN = """(text) => {
  const facts = document.createElement("dl");
  facts.className = "paper-facts paper-run";
  for (let n = 0; n < 60; n += 1) {
    const line = facts.appendChild(document.createElement("div"));
    line.appendChild(document.createElement("dt")).textContent = String(n);
    line.appendChild(document.createElement("dd")).textContent = text;
  }
  document.querySelector(".paper-flow > .paper-facts").after(facts);
}"""


def sheets_of(pdf: bytes) -> list[str]:
    """The text of each sheet."""
    asked = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(asked, input=pdf, capture_output=True, check=True, timeout=60).stdout
    return text.decode().split("\f")[:-1]


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_every_sheet_of_a_report_names_its_patient_and_is_numbered(
    language: str, world_house: WorldHouse, at_door: Opener
) -> None:
    person = world_house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
    async with at_door(world_house.base, language=language) as screen:
        await screen.come_as(person.token)
        await screen.go(f"/reports/{world_house.world.things['report']}")
        name = str(await screen.at(".paper-running .name").text_content())
        number = str(await screen.at(".paper-running .mono").text_content())
        assert not await screen.at(".paper-running").is_visible()
        short = await screen.page.pdf(prefer_css_page_size=True)
        await screen.page.evaluate(_LENGTHEN, "2 型糖尿病 11 年，口服降糖药，近半年空腹血糖未监测")
        long = await screen.page.pdf(prefer_css_page_size=True)
    SHOTS.mkdir(parents=True, exist_ok=True)
    for word, pdf in (("short", short), ("long", long)):
        (SHOTS / f"{language}-report-{word}.pdf").write_bytes(pdf)
    assert len(sheets_of(short)) == 1
    sheets = sheets_of(long)
    assert len(sheets) > 1
    for place, sheet in enumerate(sheets, 1):
        assert name in sheet, place
        assert number in sheet, place
        assert f"{place}/{len(sheets)}" in sheet.replace(" ", "")

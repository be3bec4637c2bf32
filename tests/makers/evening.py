"""An expert's evening at her keyboard: cases of benchmark of use 2, every act of hers counted."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from playwright.async_api import expect

from consult.blobs.folder import FolderStore
from consult.cases.model import Case
from consult.kernel.work import Role
from consult.people.sessions import windows
from server.rules.rulebook import load_rulebook
from tests.makers.cases import citizen_number, make_patient
from tests.makers.consortium import CONFIG
from tests.makers.screen import Screen
from tests.makers.tiny_images import Darkroom
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import PASSWORD, Person, Side, let_in
from tests.makers.world_story import wait_for_reading

LAPTOP = (1366, 600)
MILD, MODERATE = ("m",), ("m", "h", "c")
_SLOW_MS = 60_000
_CHOSEN = """() => [...document.querySelectorAll("#report-form select, #report-form :checked")]
  .filter((it) => it.tagName === "SELECT" ? it.value !== "" : it.type === "checkbox"
    || it.type === "radio").map((it) => it.name)"""


@dataclass
class Counted:
    """A reader at her keyboard; every key and every click of hers is counted.

    A password that she types is one act more, however long it is: `typed` counts those.
    """

    screen: Screen
    keys: int = 0
    clicks: int = 0
    typed: int = 0
    began: float = 0.0

    @property
    def acts(self) -> int:
        """Everything that a hand did."""
        return self.keys + self.clicks + self.typed

    @property
    def seconds(self) -> float:
        """Since the count began."""
        return time.monotonic() - self.began

    async def press(self, *keys: str) -> None:
        """Press these keys, one after the other."""
        for key in keys:
            self.keys += 1
            await self.screen.page.keyboard.press(key)

    async def click(self, selector: str) -> None:
        """Press a button with the pointer."""
        self.clicks += 1
        await self.screen.at(selector).click()

    async def touch(self, across: float, down: float) -> None:
        """Press a place of the picture that is taken up, in shares of it."""
        self.clicks += 1
        shot = "[data-eye=right] .view-cell[data-side=R], [data-eye=left] .view-cell[data-side=L]"
        box = await self.screen.at(f":is({shot}) .view-img canvas:visible").bounding_box()
        assert box is not None
        x, y = box["x"] + across * box["width"], box["y"] + down * box["height"]
        await self.screen.page.mouse.click(x, y)

    async def type_password(self) -> None:
        """Type the password where the focus is."""
        self.typed += 1
        await self.screen.page.keyboard.type(PASSWORD)

    def begin(self) -> None:
        """Count from here."""
        self.keys = self.clicks = self.typed = 0
        self.began = time.monotonic()


def make_row(house: WorldHouse, names: Sequence[str], *, first: int = 440) -> list[Case]:
    """Screening cases that wait for a reader; each has pixels of its own."""
    store = FolderStore(house.house.data_dir / "blobs")
    cases = []
    for number, name in enumerate(names):
        document = citizen_number(first + 2 * number, birth="19610203")
        patient = make_patient(house.world.consortium, name=name, document_number=document)
        darkroom = Darkroom(house.world.consortium, store, shift=96 * number)
        cases.append(wait_for_reading(house.world, patient, darkroom))
    return cases


def come_with_window(house: WorldHouse) -> Person:
    """The expert, who has opened a signing window on this machine."""
    expert = let_in(house.world.now, house.world.person(Side.LEAD, Role.EXPERT))
    rules = load_rulebook(CONFIG).signing.window
    house.world.now.do(expert.actor, windows.open_window, rules=rules, address="127.0.0.1")
    return expert


async def all_seen(screen: Screen) -> None:
    """Every picture of the case was before the reader in full."""
    await expect(screen.at('.film[data-instance]:not([data-seen="full"])')).to_have_count(
        0, timeout=_SLOW_MS
    )


async def leave_room(screen: Screen, room: str) -> None:
    """Wait until the reader is elsewhere."""
    await screen.page.wait_for_url(lambda url: room not in url)
    await screen.page.wait_for_load_state()


async def look(reader: Counted) -> None:
    """Look at both fields of both eyes: one key; nothing was said of them by anybody before."""
    screen = reader.screen
    # what was seen or saved a moment ago is still being judged while the case leaves her hands
    case_id = screen.path.split("/")[2]
    screen.awaited.append(f"409 POST /api/cases/{case_id}/report/check")
    await screen.at('.film[data-seen="full"]').nth(1).wait_for()
    assert await screen.page.evaluate(_CHOSEN) == []
    reader.begin()
    await reader.press("]")
    await all_seen(screen)
    assert reader.acts == 1, "one key shows the second field of both eyes"
    await screen.at(".marks[data-ready]").wait_for(state="attached")


async def read_normal(reader: Counted) -> None:
    """Neither eye shows anything: one key, a look at the summary, the signature."""
    room = reader.screen.path
    reader.begin()
    await reader.press("n")
    await _sign(reader, room)


async def read_mild(reader: Counted, right: Sequence[str], left: Sequence[str]) -> None:
    """Lesions of each eye by their keys; grade, advice and interval follow from the rule."""
    room = reader.screen.path
    reader.begin()
    await _tell_lesions(reader, right, left)
    await _sign(reader, room)


async def read_referable(reader: Counted) -> None:
    """New vessels: two marks, a key image, a phrase, how urgent it is, and the password."""
    screen, room = reader.screen, reader.screen.path
    reader.begin()
    await reader.press("2")
    await screen.at('[data-marks-tool-param="point"][aria-pressed=true]').wait_for()
    for across in (0.4, 0.6):
        await reader.touch(across, 0.5)
        await reader.press("v")
    await reader.press("Escape", "k")
    await screen.at('[data-part="marks-key"][aria-pressed=true]').wait_for()
    await _tell_lesions(reader, ("v",), ())
    await reader.click('[data-phrase-into-value="f-advice"] >> nth=0')
    await reader.click('label:has([name="referral_urgency"][value="urgent"])')
    await reader.press("Control+Enter")
    await screen.at("#sign-password").wait_for()
    await reader.type_password()
    await reader.press("Enter")
    await leave_room(screen, room)


async def return_ungradable(reader: Counted) -> None:
    """Both eyes out of focus: why, for all photographs of each, and back to the clinic."""
    screen, room = reader.screen, reader.screen.path
    reader.begin()
    await reader.press(",")
    await screen.at("#return-dialog").wait_for()
    await reader.press("r", "1", "l", "1", "Control+Enter")
    await leave_room(screen, room)


async def _tell_lesions(reader: Counted, right: Sequence[str], left: Sequence[str]) -> None:
    screen = reader.screen
    await reader.press("e", *right, "Enter", *left, "Enter", "Enter")
    await screen.at("[data-ruled-target=undo]").wait_for()


async def _sign(reader: Counted, room: str) -> None:
    """In an open window: the summary in words, and the second key signs it."""
    await reader.press("Control+Enter")
    said = reader.screen.at("#sign-dialog")
    await said.wait_for()
    words = await said.inner_text()
    assert all(word in words for word in ("右眼", "左眼", "黄斑", "转诊")), words
    await reader.press("Enter")
    await leave_room(reader.screen, room)

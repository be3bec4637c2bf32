"""A morning of patients on the screening desk: who comes, what is done for each, what is left."""

import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Final

from consult.cases import service as cases
from consult.cases.images import service as images
from tests.makers.cases import citizen_number
from tests.makers.clinic_pc import ClinicPc
from tests.makers.screen import Screen
from tests.makers.screening_morning import (
    FILES_MS,
    confirm_eyes,
    consent,
    counts,
    drop,
    four,
    history,
    paste,
)
from tests.makers.world_house import WorldHouse

RIGHT, LEFT = ("0.4", "0.5", "0.6", "0.8", "1.0"), ("4.7", "4.8", "4.9", "5.0")
_SURNAMES, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许", "桂英华芳"
_WATCH: Final = """() => { window.verdicts = []; const seen = new Set(); const began = Date.now();
  const look = (line, at) => {
    const said = line.querySelector(".file-say p") ?? line.matches(".file-ok, .file-bad");
    if (said && !seen.has(at)) { seen.add(at); window.verdicts.push(Date.now() - began); } };
  window.watcher?.disconnect();
  window.watcher = new MutationObserver(() =>
    document.querySelectorAll("#desk-open .file").forEach(look));
  window.watcher.observe(document.body, { childList: true, subtree: true, attributes: true }); }"""
_TOLD: Final = "(files) => window.verdicts.length >= files"


@dataclass(slots=True)
class Patient:
    """One patient of the morning, and what she cost at the keyboard; times in seconds."""

    key: str
    name: str
    right: str
    left: str
    names: list[str]
    photographs: list[bytes]
    case_id: str = ""
    clicks: int = 0
    keys: int = 0
    loads: int = 0
    seconds: float = 0.0
    verdicts_s: list[float] = field(default_factory=list)

    @property
    def row(self) -> str:
        """Her row on the desk."""
        return f'tr[data-key="{self.key}"]'


@dataclass(frozen=True, slots=True)
class Faults:
    """Files that are missing, files that are somebody else's, words that are not what was typed."""

    lost: int
    wrong: int
    typed_again: int


def name_of(number: int) -> str:
    """A name that nobody else of the morning has."""
    return _SURNAMES[number % len(_SURNAMES)] + _GIVEN[number % 4] + _GIVEN[number // 4 % 4]


def lines_of(numbers: Sequence[int], *, first: int) -> str:
    """The list as it is copied from a spreadsheet; `first` keeps mornings of one house apart."""
    told = [f"{name_of(n)}\t{citizen_number(first + n, birth='19580203')}" for n in numbers]
    return "\n".join(["姓名\t身份证号", *told])


async def list_patients(
    pc: ClinicPc, count: int, *, first: int, fundus: Path, names_from: int = 0
) -> list[Patient]:
    """Paste the list of the morning and put everybody on it."""
    nurse, numbers = pc.screen, range(names_from, names_from + count)
    await paste(nurse, lines_of(numbers, first=first))
    await nurse.press(nurse.at("#list-report form button[type=submit]"))
    found = await nurse.at(".desk-list tr[data-key]").evaluate_all(
        "(rows) => rows.map((row) => [row.querySelector('.name').textContent, row.dataset.key])"
    )
    keys = {str(name): str(key) for name, key in found}
    return [
        Patient(keys[name_of(n)], name_of(n), RIGHT[n % 5], LEFT[n // 5 % 4], *four(fundus))
        for n in numbers
    ]


@contextlib.asynccontextmanager
async def counted(pc: ClinicPc, patient: Patient) -> AsyncIterator[Screen]:
    """What the block costs is hers."""
    before, loads, began = await counts(pc.screen.page), pc.loads, time.monotonic()
    yield pc.screen
    after = await counts(pc.screen.page)
    patient.clicks += after[0] - before[0]
    patient.keys += after[1] - before[1]
    patient.loads += pc.loads - loads
    patient.seconds += time.monotonic() - began


async def begin(pc: ClinicPc, patient: Patient) -> None:
    """Her draft is opened, she is the current patient, and what she has signed is recorded."""
    async with counted(pc, patient) as nurse:
        await nurse.at(patient.row).get_by_role("button").click()
        await nurse.at(f"{patient.row}.is-open + tr #case-images").wait_for()
        await nurse.at("#desk-banner", has_text=patient.name).wait_for()
        await consent(nurse)
    patient.case_id = str(await pc.screen.at(patient.row).get_attribute("data-case"))


async def ask(pc: ClinicPc, patient: Patient) -> None:
    """Her history, typed once."""
    async with counted(pc, patient) as nurse:
        await history(nurse, right=patient.right, left=patient.left)


async def give(pc: ClinicPc, patient: Patient, *, more: Sequence[tuple[str, bytes]] = ()) -> None:
    """Her photographs fall on her row, and each is spoken of."""
    names = [*patient.names, *(name for name, _data in more)]
    files = [*patient.photographs, *(data for _name, data in more)]
    async with counted(pc, patient) as nurse:
        await nurse.page.evaluate(_WATCH)
        await drop(nurse, patient.row, names, files)
        await nurse.page.wait_for_function(_TOLD, arg=len(files), timeout=FILES_MS)
    told = await pc.screen.page.evaluate("window.verdicts")
    patient.verdicts_s = [float(each) / 1000 for each in told]


async def come_back(pc: ClinicPc, patient: Patient) -> None:
    """Her row stands open again, some patients later."""
    async with counted(pc, patient) as nurse:
        await nurse.at(f"{patient.row} a.row-link").click()
        await nurse.at(f"{patient.row}.is-open").wait_for()
        await nurse.at("#desk-banner", has_text=patient.name).wait_for()


async def settle(pc: ClinicPc, patient: Patient) -> None:
    """All four have arrived, and one act confirms whose eyes they are; she is ready."""
    async with counted(pc, patient) as nurse:
        await confirm_eyes(nurse)
    await pc.screen.at(f"{patient.row} .badge", has_text="待提交").wait_for()


async def assert_typed(nurse: Screen, patient: Patient) -> None:
    """What was typed of her stands in the open row."""
    for eye, typed in (("right", patient.right), ("left", patient.left)):
        control = nurse.at(f'#desk-open [name="answers.va_{eye}.value"]')
        assert await control.input_value() == typed, patient.name


async def submit_all(doctor: Screen) -> tuple[int, int]:
    """The physician looks over all photographs and sends what is ready: how many, her clicks."""
    before = (await counts(doctor.page))[0]
    await doctor.press(doctor.at('a[href="/screening/sheet"]'))
    await doctor.at(".sheet-row").first.wait_for()
    await doctor.at("[data-choose-all-for]").click()
    await doctor.press(doctor.at('button[form="sheet-form"]'))
    told = await doctor.at(".notice-ok").inner_text()
    sent = "".join(letter for letter in told.split("例")[0] if letter.isdigit())
    return int(sent), (await counts(doctor.page))[0] - before


def find_faults(house: WorldHouse, patients: Sequence[Patient]) -> Faults:
    """What the morning has lost, mixed up or not kept, by what the server has in the end."""
    lost = wrong = again = 0
    for patient in patients:
        meant = Counter(sha256(each).hexdigest() for each in patient.photographs)
        there = Counter(_sources(house, patient))
        lost += (meant - there).total()
        wrong += (there - meant).total()
        again += _typed(house, patient) != (patient.right, patient.left)
    return Faults(lost, wrong, again)


def _sources(house: WorldHouse, patient: Patient) -> Iterator[str]:
    world = house.world
    by = world.consortium.physician
    for image in world.now.do(by, images.list_case_images, case_id=patient.case_id):
        yield image.instance.source_sha256


def _typed(house: WorldHouse, patient: Patient) -> tuple[str, str]:
    world = house.world
    case = world.now.do(world.consortium.physician, cases.get_case, case_id=patient.case_id)
    right, left = (case.answers.get(f"va_{eye}", {}) for eye in ("right", "left"))
    return right.get("value", ""), left.get("value", "")

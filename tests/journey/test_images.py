"""Photographs on their way in a real browser: cut off, of the wrong eye, of another hour."""

import contextlib
import io
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from PIL import Image

from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case, ServiceType
from consult.kernel.work import Role
from server.transactions import utc_now
from tests.journey.conftest import Opener
from tests.makers.cases import citizen_number, make_draft, make_patient
from tests.makers.pictures import make_exif, own_copy, with_exif
from tests.makers.screen import Screen
from tests.makers.world_house import WorldHouse
from tests.makers.world_people import Side, let_in

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]
_ZONE = ZoneInfo("Asia/Shanghai")
_SLOW_BYTES_S = 2_500_000
_LEFT = """async () => { const bases = await indexedDB.databases(); const rows = [];
  for (const { name } of bases) { const base = await new Promise((done, failed) => {
      const open = indexedDB.open(name); open.onsuccess = () => done(open.result);
      open.onerror = failed; });
    for (const store of base.objectStoreNames) rows.push(...await new Promise((done) => {
      const all = base.transaction(store).objectStore(store).getAllKeys();
      all.onsuccess = () => done(all.result); }));
    base.close(); }
  return rows.length + localStorage.length + sessionStorage.length; }"""
_SHARE = """() => { const bar = document.querySelector("[data-queue-target=bar]");
  return bar === null || bar.closest("[hidden]") ? 0 : bar.value / (bar.max || 1); }"""


@dataclass
class Desk:
    """A physician with a draft of a patient of her own, and a browser of her own."""

    screen: Screen
    house: WorldHouse
    draft: Case

    def sources(self) -> list[str]:
        """The hashes of the files that became images of the case."""
        world = self.house.world
        found = world.now.do(
            world.consortium.physician, images.list_case_images, case_id=self.draft.id
        )
        return sorted(image.instance.source_sha256 for image in found)


@contextlib.asynccontextmanager
async def desk_of(
    world_house: WorldHouse, at_door: Opener, sequence: int, name: str = "林素琴"
) -> AsyncIterator[Desk]:
    """Signed in anew, because the test may sign her out."""
    world = world_house.world
    physician = let_in(world.now, world.person(Side.HOME, Role.REQUESTING_PHYSICIAN))
    patient = make_patient(
        world.consortium, name=name, document_number=citizen_number(sequence, birth="19600101")
    )
    draft = make_draft(world.consortium, patient, service_type=ServiceType.SCREENING_READ)
    async with at_door(world_house.base) as screen:
        await screen.come_as(physician.token)
        await screen.go(f"/cases/{draft.id}")
        yield Desk(screen, world_house, draft)


def write_heavy_photograph(path: Path, seed: int) -> Path:
    """A JPEG of some megabytes, as cameras make them."""
    noise = np.random.default_rng(seed).integers(0, 255, (1100, 1400, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path, "JPEG", quality=92)
    return path


async def test_files_left_behind_by_a_closed_page_arrive_once_from_the_next(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path
) -> None:
    files = [write_heavy_photograph(tmp_path / f"OD_{n}.jpg", n) for n in range(4)]
    async with desk_of(world_house, at_door, 202) as desk:
        screen = desk.screen
        line = await screen.page.context.new_cdp_session(screen.page)
        slow = {"offline": False, "latency": 20, "downloadThroughput": -1}
        await line.send("Network.enable")
        await line.send(
            "Network.emulateNetworkConditions", slow | {"uploadThroughput": _SLOW_BYTES_S}
        )
        await screen.at("#images input[type=file]:not([webkitdirectory])").set_input_files(files)
        while await screen.page.evaluate(_SHARE) < 0.3:
            await screen.page.wait_for_timeout(50)
        assert len(desk.sources()) < len(files)
        await screen.page.close()
        screen.page = await screen.page.context.new_page()
        screen.listen()
        await screen.go("/patients")
        await screen.at("[data-controller=queue]").wait_for(state="visible")
        await screen.at("[data-controller=queue]").wait_for(state="hidden", timeout=90_000)
        assert desk.sources() == sorted(sha256(each.read_bytes()).hexdigest() for each in files)
        await screen.press(screen.at(".rail button[data-controller=signout]"))
        assert screen.path == "/sign-in"
        assert await screen.page.evaluate(_LEFT) == 0


async def test_a_first_look_is_told_while_the_photograph_is_still_on_its_thin_way(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path, real_files: Path
) -> None:
    photograph = real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg"
    heavy = tmp_path / "IMG_1.jpg"
    heavy.write_bytes(photograph.read_bytes() + b"\0" * 4_000_000)
    async with desk_of(world_house, at_door, 212) as desk:
        screen = desk.screen
        line = await screen.page.context.new_cdp_session(screen.page)
        thin = {"offline": False, "latency": 200, "downloadThroughput": -1}
        await line.send("Network.enable")
        await line.send("Network.emulateNetworkConditions", thin | {"uploadThroughput": 125_000})
        await screen.at("#images input[type=file]:not([webkitdirectory])").set_input_files(heavy)
        told = screen.at(".file-say p")
        await told.wait_for(timeout=60_000)
        assert await told.inner_text() == "初看：为眼底照片，可能为右眼(OD)。"
        assert desk.sources() == []
        await screen.shoot("first-look")
        line_state = await screen.at(".file [data-part=state]").inner_text()
        assert line_state != "已收到"


async def test_only_the_photograph_whose_sources_disagree_waits_for_a_person(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path, real_files: Path
) -> None:
    right = (real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg").read_bytes()
    left = (real_files / "image" / "fundus" / "HRF_02_h_downscaled.jpg").read_bytes()
    (tmp_path / "OS_1_macula.jpg").write_bytes(own_copy(right))  # its disc lies on the other side
    (tmp_path / "OS_2_disc.jpg").write_bytes(own_copy(left))
    async with desk_of(world_house, at_door, 204) as desk:
        screen = desk.screen
        await screen.at("input[webkitdirectory]").set_input_files(tmp_path)
        shots = screen.at("#case-images .shot")
        await shots.nth(1).wait_for(timeout=90_000)
        asked = screen.at("#case-images .shot-ask")
        assert await asked.count() == 1
        await screen.press(screen.at('#case-images button[data-act-url-value$="/images/confirm"]'))
        assert await asked.count() == 1
        await asked.scroll_into_view_if_needed()
        await screen.shoot("wrong-eye")
        await screen.assert_accessible()
        await screen.press(asked.locator('button[data-act-body-value*="right"]'))
        assert await asked.count() == 0


async def test_a_photograph_taken_at_another_patients_hour_is_asked_about(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path, real_files: Path
) -> None:
    world = world_house.world
    earlier = utc_now() - timedelta(hours=5)
    morning = replace(world.consortium, clinic=world.clinic.at(earlier))
    other = make_patient(
        morning, name="李冬梅", document_number=citizen_number(206, birth="19600101")
    )
    case = make_draft(morning, other, service_type=ServiceType.SCREENING_READ)
    morning.clinic.do(morning.physician, cases.open_case_page, case_id=case.id)
    taken = (earlier + timedelta(minutes=6)).astimezone(_ZONE)
    photograph = (real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg").read_bytes()
    exif = make_exif(original=f"{taken:%Y:%m:%d %H:%M:%S}")
    (tmp_path / "IMG_0001.JPG").write_bytes(with_exif(photograph, exif))
    async with desk_of(world_house, at_door, 208) as desk:
        screen = desk.screen
        await screen.at("input[webkitdirectory]").set_input_files(tmp_path)
        question = screen.at("#case-images .notice-warn")
        await question.wait_for(timeout=90_000)
        said = await question.inner_text()
        assert f"{taken:%H:%M}" in said, said
        assert "李冬梅" in said, said
        await question.scroll_into_view_if_needed()
        await screen.shoot("other-hour")
        await screen.press(question.locator('button[data-act-url-value*="/questions/"]'))
        assert await question.count() == 0


async def test_a_file_name_is_text_wherever_it_is_shown(
    world_house: WorldHouse, at_door: Opener, tmp_path: Path
) -> None:
    name = "<img src=x onerror=alert(1)>.txt"
    (tmp_path / re.sub("[/]", "", name)).write_text("not a picture", "utf-8")
    async with desk_of(world_house, at_door, 210) as desk:
        screen = desk.screen
        await screen.at("input[webkitdirectory]").set_input_files(tmp_path)
        await screen.at("li.file-bad").wait_for(timeout=90_000)
        assert await screen.at("li.file [data-part=name]").inner_text() == name
        await screen.page.reload()
        assert await screen.at("img[src=x]").count() == 0


def test_the_heavy_photograph_is_heavy(tmp_path: Path) -> None:
    picture = write_heavy_photograph(tmp_path / "a.jpg", 1)
    assert picture.stat().st_size > 1 << 20
    with Image.open(io.BytesIO(picture.read_bytes())) as opened:
        assert opened.format == "JPEG"

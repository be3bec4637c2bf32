"""Marks are drawn by hand in the reading room, measured in true units or none, and never lost."""

import io
from collections.abc import AsyncIterator
from itertools import pairwise
from math import dist, hypot
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser
from pydicom import dcmread
from pydicom.uid import generate_uid

from tests.makers.drawing import (
    STROKES,
    Reader,
    come,
    draw,
    draw_fully,
    drawing,
    held,
    inside,
    near,
    said,
    saved,
    select_point,
    take_up,
)
from tests.makers.image_house import PASSWORD, ImageHouse
from tests.makers.sent import real_fundus
from tests.makers.viewing import slices_of, take_case, values_of
from tests.makers.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.server, pytest.mark.timeout(300)]

_OP = "1.2.840.10008.5.1.4.1.1.77.1.5.1"


@pytest.fixture(scope="module")
def objects(real_files: Path) -> dict[str, bytes]:
    """A slice, and a fundus object whose camera claims to know the size of a pixel."""
    slices = slices_of(real_files)
    name = min(slices)
    head = dcmread(real_files / "dicom" / "explicit-vr-le" / "SC_rgb.dcm")
    head.SOPClassUID = head.file_meta.MediaStorageSOPClassUID = _OP
    head.SOPInstanceUID = head.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    head.SeriesInstanceUID = generate_uid()
    head.Modality, head.PixelSpacing = "OP", [0.011, 0.011]
    claimed = io.BytesIO()
    head.save_as(claimed)
    return {"slice": slices[name], "claimed": claimed.getvalue()}


@pytest.fixture(scope="module")
async def reader(
    room: ImageHouse, real_files: Path, objects: dict[str, bytes]
) -> AsyncIterator[Reader]:
    """The reader of a case with a photograph, a slice, and an object that claims a size."""
    read_case = await take_case(room, real_files, objects, photographs=1)
    async with Visitor(room.house.base) as visitor:
        await visitor.sign_in("li", PASSWORD)
        token = next(each.value for each in visitor.raw.cookie_jar if each.key == "lianzhen")
        yield Reader(room.house.base, read_case.case.id, token, visitor, read_case)


@pytest.mark.parametrize("way", ["webgl", "cpu"])
async def test_every_tool_draws_where_the_hand_is_and_is_the_same_after_a_reload(
    graphics: Browser, reader: Reader, real_files: Path, way: str
) -> None:
    size = Image.open(io.BytesIO(real_fundus(real_files)[0])).size
    async with drawing(graphics, reader, way=way) as screen:
        at = {tool: await draw_fully(screen.page, tool) for tool in STROKES}
        sheet = await reader.until(len(STROKES))
        await saved(screen)
        before = await said(screen.page)
        await come(screen, reader, way)
        after = await said(screen.page)
        author = await select_point(screen)
    assert after == before
    assert sheet["author"]["name"] in author
    assert [mark["tool"] for mark in sheet["marks"]] == list(STROKES)
    words = [mark["label"] for mark in sheet["marks"] if mark["tool"] == "text"]
    assert words == ["渗出 near disc"]
    lesions = {(mark["lesion"], mark["eye"]) for mark in sheet["marks"]}
    assert lesions == {("microaneurysm", "right")}
    for mark in sheet["marks"]:
        wanted, points = held(mark["tool"], at[mark["tool"]], size), mark["points"]
        if mark["tool"] == "freehand":
            wanted, points = [wanted[0], wanted[-1]], [points[0], points[-1]]
        assert len(points) == len(wanted)
        assert all(near(*pair) for pair in zip(points, wanted, strict=True)), (mark, wanted)


async def test_the_servers_own_drawing_is_drawn_upon_as_well(
    graphics: Browser, reader: Reader, real_files: Path
) -> None:
    size = Image.open(io.BytesIO(real_fundus(real_files)[0])).size
    async with drawing(graphics, reader, way="server") as screen:
        at = await draw(screen.page, "rectangle")
        (mark,) = (await reader.until(1))["marks"]
        await saved(screen)
    assert all(
        near(*pair) for pair in zip(mark["points"], held("rectangle", at, size), strict=True)
    )


async def test_each_step_is_taken_back_and_done_again(graphics: Browser, reader: Reader) -> None:
    async with drawing(graphics, reader) as screen:
        keyboard = screen.page.keyboard
        for tool in ("arrow", "ellipse"):
            await draw(screen.page, tool)
        whole = (await reader.until(2))["marks"]
        await keyboard.press("Delete")
        assert (await reader.until(1))["marks"] == whole[:1]
        await keyboard.press("Control+z")
        await keyboard.press("Control+z")
        await reader.until(1)
        await keyboard.press("Control+y")
        assert (await reader.until(2))["marks"] == whole
        await screen.at('[data-part="marks-undo"]').click()
        await reader.until(1)
        await saved(screen)


async def test_a_slice_is_measured_by_its_header_and_its_pixels_by_the_server(
    graphics: Browser, reader: Reader, objects: dict[str, bytes]
) -> None:
    head = dcmread(io.BytesIO(objects["slice"]), stop_before_pixels=True)
    values = values_of(objects["slice"]) * float(head.RescaleSlope) + float(head.RescaleIntercept)
    sentences = {}
    async with drawing(graphics, reader, way="cpu") as screen:
        await take_up(screen, reader.read_case.instances["slice"])
        await draw(screen.page, "length")
        for tool in ("ellipse", "rectangle"):
            await draw(screen.page, tool)
            told = screen.at("[data-part=marks-said]", has_text="均值")
            sentences[tool] = str(await told.filter(has_text="mm²").text_content())
        sheet = await reader.until(3)
        texts = " ".join(text for layer in await said(screen.page) for text in layer)
    high, wide = map(float, head.PixelSpacing)
    marks = {mark["tool"]: mark["points"] for mark in sheet["marks"]}
    length = sum(
        hypot((x2 - x1) * wide, (y2 - y1) * high)
        for (x1, y1), (x2, y2) in pairwise(marks["length"])
    )
    assert f"{length:.1f} mm" in texts
    for tool, sentence in sentences.items():
        there = values[inside(marks[tool], values.shape)]
        assert f"均值 {there.mean():.1f} HU" in sentence
        assert f"{there.size * wide * high:.1f} mm²" in sentence


async def test_a_fundus_object_is_measured_in_discs_whatever_size_its_camera_claims(
    graphics: Browser, reader: Reader, objects: dict[str, bytes]
) -> None:
    async with drawing(graphics, reader) as screen:
        await take_up(screen, reader.read_case.instances["claimed"])
        await draw(screen.page, "length")
        layer = screen.at(".view-cell:not([hidden]) .marks-layer text")
        before = str(await layer.filter(has_text="像素").text_content())
        await draw(screen.page, "disc")
        after = str(await layer.filter(has_text="DD").text_content())
        green = screen.at("[data-part=marks-said]", has_text="绿色通道均值")
        told = str(await green.text_content())
        sheet = await reader.until(2)
    line, disc = (mark["points"] for mark in sheet["marks"])
    diameter = (dist(disc[0], disc[1]) + dist(disc[2], disc[3])) / 2
    assert f"{dist(*line):.1f} 像素" in before
    assert f"{dist(*line) / diameter:.2f} DD" in after
    pixels = values_of(objects["claimed"])
    there = pixels[:, :, 1][inside(disc, pixels.shape[:2])]
    assert f"{there.mean():.1f}" in told
    assert "mm" not in before + after + told


async def test_two_windows_never_overwrite_each_other_unasked(
    graphics: Browser, reader: Reader
) -> None:
    async with drawing(graphics, reader) as screen:
        await draw(screen.page, "arrow")
        first = (await reader.until(1))["marks"]
        await saved(screen)
        other = [{**first[0], "id": "0" * 26, "points": [[10, 10]], "tool": "point"}]
        await reader.save(other)
        async with screen.refused(409):
            await draw(screen.page, "length")
        clash = screen.at("[data-part=marks-clash]")
        await clash.wait_for()
        assert (await reader.sheet())["marks"] == other
        await screen.at("[data-action='marks#theirs']").click()
        await clash.wait_for(state="hidden")
        assert await screen.at(".mark-line").count() == 1
        await screen.page.keyboard.press("Control+z")  # what was drawn here is one step back
        mine = (await reader.until(2))["marks"]
    assert [mark["tool"] for mark in mine] == ["arrow", "length"]


async def test_what_was_drawn_without_a_line_outlives_the_page(
    graphics: Browser, reader: Reader
) -> None:
    async with drawing(graphics, reader) as screen:
        context = screen.page.context
        await context.set_offline(offline=True)
        for tool in ("rectangle", "text"):
            await draw(screen.page, tool)
        await screen.at('.marks-state[data-where="kept"]').wait_for(state="attached")
        await screen.page.close()
        await context.set_offline(offline=False)
        assert (await reader.sheet())["marks"] == []
        screen.page = await context.new_page()
        screen.complaints.clear()  # that there was no line, the browser has said of each request
        await come(screen, reader)
        sent = (await reader.until(2))["marks"]
        await saved(screen)
        kept = await screen.page.evaluate("() => Object.keys(localStorage)")
        assert [name for name in kept if name.startswith("lianzhen")] == []
    assert [mark["tool"] for mark in sent] == ["rectangle", "text"]

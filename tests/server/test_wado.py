"""Pictures by WADO-RS: the smallest true part, only for whom it is open, and nothing kept."""

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageStat

from consult.cases.model import Case
from consult.journal.model import Line
from tests.makers.image_house import ImageHouse, Sender, open_image_house, until
from tests.makers.many_frames import FRAMES, ends_of, meant_by, spread, table_frames

pytestmark = [pytest.mark.server, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ImageHouse]:
    """A server of this module's own."""
    with open_image_house(tmp_path_factory.mktemp("wado") / "house") as opened:
        yield opened


@pytest.fixture
async def sender(house: ImageHouse) -> Any:
    """The physician of the centre."""
    async with Sender(house.house.base, language="en") as one:
        yield await one.arrive()


async def sent(
    house: ImageHouse, sender: Sender, path: Path, *, case: Case | None = None
) -> dict[str, Any]:
    """A stored image of this case, or of a fresh one."""
    case = case or house.draft()
    data = path.read_bytes()  # noqa: ASYNC240 - a small local file of the test
    if path.suffix == ".jpg":
        data += case.id.encode()  # the same bytes for another patient would be asked about
    await sender.upload(case.id, data, path.name)
    return dict((await sender.images(case.id))["images"][0])


async def picture(sender: Sender, url: str, **headers: str) -> tuple[int, bytes, Any]:
    """Status, bytes and headers."""
    async with sender.raw.get(url, headers=headers) as answer:
        return answer.status, await answer.read(), answer.headers


async def test_a_photograph_is_served_whole_small_and_smallest(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    path = real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg"
    image = await sent(house, sender, path)
    status, full, headers = await picture(sender, image["full_url"])
    assert (status, headers["Content-Type"]) == (200, "image/jpeg")
    assert headers["Cache-Control"] == "no-store"
    original = Image.open(path)
    assert Image.open(io.BytesIO(full)).tobytes() == original.tobytes()
    assert b"Exif" not in full
    _, thumbnail, _ = await picture(sender, image["thumbnail_url"])
    assert max(Image.open(io.BytesIO(thumbnail)).size) <= 160
    for wish, longest in (("viewport=300,200", 300), ("viewport=64,64&quality=30", 64)):
        status, part, _ = await picture(sender, f"{image['full_url']}?{wish}")
        assert status == 200
        assert max(Image.open(io.BytesIO(part)).size) <= longest
    acting = image["full_url"].replace("/dicomweb/YXWS/", "/dicomweb/")
    assert (await picture(sender, acting))[1] == full


async def test_frames_are_counted_and_windows_used(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    image = await sent(
        house, sender, real_files / "dicom" / "multiframe-enhanced" / "eCT_Supplemental.dcm"
    )
    base = image["full_url"].removesuffix("/rendered")
    _, first, _ = await picture(sender, f"{base}/frames/1/rendered")
    status, second, _ = await picture(sender, f"{base}/frames/2/rendered")
    assert status == 200
    assert first != second
    _, narrow, _ = await picture(sender, f"{base}/frames/1/rendered?window=40,80,linear")
    assert narrow != first
    for number in ("0", "-1", "99999", "x", "1,", "1,99999"):
        assert (await picture(sender, f"{base}/frames/{number}/rendered"))[0] == 404


NONSENSE = """viewport= viewport=1 viewport=0,5 viewport=a,b viewport=9999999,1
viewport=10,10,0,0,0,5 viewport=10,10,0,0,5,x viewport=10,10,0,0,5,5,5 viewport=10,10,99999
viewport=9999,9999,0,0,5,5 quality=0 quality=101 quality=x window=1 window=nan,1 window=1,0
window=1,2,cubic window=1,0.5,linear"""


@pytest.mark.parametrize("wish", NONSENSE.split())
async def test_a_wish_that_makes_no_sense_is_refused_with_its_name(
    house: ImageHouse, sender: Sender, real_files: Path, wish: str
) -> None:
    image = await sent(house, sender, real_files / "image" / "fundus" / "HRF_02_h_downscaled.jpg")
    status, answer = await sender.get(f"{image['full_url']}?{wish}")
    assert (status, answer["code"]) == (400, "picture-parameter")


def coloured(data: bytes) -> Image.Image:
    """The picture that came."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def is_like(first: Image.Image, second: Image.Image) -> bool:
    """Whether two pictures are the same but for coding."""
    assert first.size == second.size
    spread = ImageChops.difference(first, second).convert("L")
    return ImageStat.Stat(spread).mean[0] < 3


async def test_a_viewport_shows_a_part_as_large_as_it_fits_and_mirrored_where_asked(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    path = real_files / "image" / "fundus" / "HRF_01_h_downscaled.jpg"
    image = await sent(house, sender, path)
    whole = coloured(path.read_bytes())
    box = (100, 50, 400, 250)
    part = whole.crop(box)
    flip = Image.Transpose
    wanted = {
        "300,200,100,50,300,200": part,
        "300,300,-100,-50,300,200": part,
        "600,400,100,50,300,200": part.resize((600, 400)),
        "300,200,100,50,-300,200": part.transpose(flip.FLIP_LEFT_RIGHT),
        "300,200,100,50,300,-200": part.transpose(flip.FLIP_TOP_BOTTOM),
        "100,100,100,50,300,200": part.resize((100, 67)),
        f"{whole.width},{whole.height},,": whole,
        "400,300,,,400,300": whole.crop((0, 0, 400, 300)),
        f"200,200,{whole.width - 200},{whole.height - 200},999,999": whole.crop(
            (whole.width - 200, whole.height - 200, whole.width, whole.height)
        ),
    }
    for viewport, meant in wanted.items():
        status, data, _ = await picture(sender, f"{image['full_url']}?viewport={viewport}")
        assert status == 200, viewport
        assert is_like(coloured(data), meant), viewport


async def test_each_function_of_a_window_is_another_picture(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    image = await sent(house, sender, real_files / "dicom" / "implicit-vr-le" / "CTImage.dcm")
    seen = set()
    for function in ("linear", "linear-exact", "sigmoid"):
        status, data, _ = await picture(sender, f"{image['full_url']}?window=40,3,{function}")
        assert status == 200
        seen.add(data)
    assert len(seen) == 3


async def test_nothing_is_written_into_a_picture_and_that_is_said(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    image = await sent(house, sender, real_files / "image" / "fundus" / "HRF_12_h_downscaled.jpg")
    _, plain, headers = await picture(sender, image["full_url"])
    assert "Warning" not in headers
    asked = f"{image['full_url']}?annotation=patient,technique"
    status, data, headers = await picture(sender, asked)
    assert (status, data) == (200, plain)
    assert headers["Warning"].startswith("299 ")
    assert "patient,technique" in headers["Warning"]


async def test_pictures_of_frames_of_a_series_and_of_a_study_come_as_parts(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    image = await sent(
        house, sender, real_files / "dicom" / "jpeg-baseline" / "examples_ybr_color.dcm"
    )
    base = image["full_url"].removesuffix("/rendered")
    _, one, _ = await picture(sender, f"{base}/frames/1/rendered", Accept="image/jpeg")
    _, two, _ = await picture(sender, f"{base}/frames/2/rendered")
    status, both, headers = await picture(sender, f"{base}/frames/1,2/rendered")
    assert status == 200
    assert headers["Content-Type"].startswith('multipart/related; type="image/jpeg"')
    assert headers["Cache-Control"] == "no-store"
    assert one in both
    assert two in both
    series = base.rpartition("/instances/")[0]
    for place in (series, series.rpartition("/series/")[0]):
        status, parts, headers = await picture(
            sender, f"{place}/rendered", Accept='multipart/related; type="image/jpeg"'
        )
        assert (status, parts.count(b"Content-Location")) == (200, 1)
        assert one in parts
        status, alone, headers = await picture(sender, f"{place}/rendered", Accept="image/jpeg")
        assert (status, alone, headers["Content-Type"]) == (200, one, "image/jpeg")
        assert (await picture(sender, f"{place}/rendered", Accept="image/gif"))[0] == 406
    assert (await picture(sender, f"{base}/frames/1,1/rendered"))[0] == 400
    both_alone = await picture(sender, f"{base}/frames/1,2/rendered", Accept="image/jpeg")
    assert both_alone[0] == 406


async def test_jpeg_is_given_wherever_it_is_taken(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    image = await sent(house, sender, real_files / "image" / "fundus" / "HRF_07_h_downscaled.jpg")
    for accept in ("image/gif", "application/dicom"):
        assert (await picture(sender, image["full_url"], Accept=accept))[0] == 406
    for accept in ("image/*", "image/jpeg", "*/*", "image/png, image/jpeg;q=0.5", "image/png,*/*"):
        status, _, headers = await picture(sender, image["full_url"], Accept=accept)
        assert (status, headers["Content-Type"]) == (200, "image/jpeg")


async def test_png_alone_is_a_picture_without_loss_that_tells_its_window(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    data = table_frames(real_files)
    case = house.draft()
    await sender.upload(case.id, data, "table.dcm")
    image = (await sender.images(case.id))["images"][0]
    base = image["full_url"].removesuffix("/rendered")
    for number in (1, FRAMES):
        place = f"{base}/frames/{number}/rendered"
        status, drawn, headers = await picture(sender, place, Accept="image/png")
        assert (status, headers["Content-Type"]) == (200, "image/png")
        assert headers["Cache-Control"] == "no-store"
        made = Image.open(io.BytesIO(drawn))
        values = meant_by(data, number)
        lower, upper = ends_of(values)
        assert np.abs(np.asarray(made, int) - spread(values, lower=lower, upper=upper)).max() <= 1
        centre, width, function = made.info["Window"].split()
        assert (float(centre), float(width)) == pytest.approx(((lower + upper) / 2, upper - lower))
        assert function == "LINEAR_EXACT"
        assert (await picture(sender, place, Accept="image/png"))[1] == drawn
        assert (await picture(sender, place))[1] != drawn


async def test_png_is_given_by_window_in_parts_and_never_as_a_thumbnail(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    data = table_frames(real_files)
    case = house.draft()
    await sender.upload(case.id, data, "table.dcm")
    image = (await sender.images(case.id))["images"][0]
    base = image["full_url"].removesuffix("/rendered")
    asked = f"{base}/frames/1/rendered?window=100,50,linear-exact"
    narrow = Image.open(io.BytesIO((await picture(sender, asked, Accept="image/png"))[1]))
    expected = spread(meant_by(data, 1), lower=75, upper=125)
    assert np.abs(np.asarray(narrow, int) - expected).max() <= 1
    parts = 'multipart/related; type="image/png"'
    both = await picture(sender, f"{base}/frames/1,2/rendered", Accept=parts)
    assert both[0] == 200
    assert both[1].count(b"\x89PNG\r\n") == 2
    over = await picture(sender, f"{base}/frames/{FRAMES + 1}/rendered", Accept="image/png")
    assert over[0] == 404
    thumbnail = await picture(sender, image["thumbnail_url"], Accept="image/png")
    assert thumbnail[0] == 406


async def test_an_object_without_a_picture_says_so(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    image = await sent(house, sender, real_files / "dicom" / "structured-report" / "test-SR.dcm")
    assert not image["has_picture"]
    for url in (image["full_url"], image["thumbnail_url"]):
        assert (await picture(sender, url))[0] == 406


async def test_nobody_else_finds_it_by_any_way(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    image = await sent(house, sender, real_files / "image" / "fundus" / "HRF_10_h_downscaled.jpg")
    urls = [image["full_url"], image["preview_url"], image["thumbnail_url"]]
    urls.append(image["full_url"].removesuffix("/rendered") + "/frames/1/rendered")
    urls.append(image["full_url"].replace("/dicomweb/YXWS/", "/dicomweb/"))
    for login in ("sun", "li"):
        async with Sender(house.house.base, language="en") as other:
            await other.arrive(login)
            nowhere = await picture(other, image["full_url"].replace("/2.25.", "/2.26."))
            for url in urls:
                status, body, _ = await picture(other, url)
                assert status == 404
                assert body == nowhere[1]
    async with Sender(house.house.base) as nobody:
        for url in urls:
            async with nobody.raw.get(url, allow_redirects=False) as answer:
                assert answer.status in {303, 401}
    for path in ("/dicomweb/XXXX", "/dicomweb/%2e%2e"):
        url = path + image["full_url"].removeprefix("/dicomweb/YXWS")
        assert (await picture(sender, url))[0] == 404


async def test_what_was_shown_is_written_down_by_person_and_study(
    house: ImageHouse, sender: Sender, real_files: Path
) -> None:
    case = house.draft()
    image = await sent(
        house, sender, real_files / "image" / "fundus" / "HRF_12_h_downscaled.jpg", case=case
    )
    for _ in range(3):
        await picture(sender, image["thumbnail_url"])
    await picture(sender, image["preview_url"])
    await until(lambda: _shown(house, case) >= Counter(thumbnails=3, frames=1))
    assert _shown(house, case) == {"thumbnails": 3, "frames": 1}
    seen = [each for each in house.clinic.lines() if _is_viewing(each, case)]
    assert {each.practitioner_id for each in seen} == {house.world.physician.person}


def _shown(house: ImageHouse, case: Case) -> Counter[str]:
    """How often pictures of the case's patient were shown, as the journal tells."""
    shown = Counter[str]()
    for each in house.clinic.lines():
        if _is_viewing(each, case):
            shown.update({kind: int(str(each.codes[kind])) for kind in ("thumbnails", "frames")})
    return shown


def _is_viewing(line: Line, case: Case) -> bool:
    return line.kind == "study.viewed" and line.patient_id == case.patient_id

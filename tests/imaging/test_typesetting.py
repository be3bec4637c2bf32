"""Documents are set behind the jail's walls: whole, with every rare character, and alone."""

import contextlib
import http.server
import io
import random
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pyhanko.pdf_utils.reader import PdfFileReader

from imaging.errors import JailError, JailRefusedError, Refusal
from imaging.jail.typefaces import find_typeface
from imaging.jail.typesetting import SIZES_PT
from tests.makers.jails import ROOT, TYPESETTING, RunningJail, running_jail

RARE = "㼆䶮𠮷㐂"
CANARIES = [
    '<img src="{url}">',
    '<link rel="stylesheet" href="{url}">',
    '<style>@import url("{url}");</style>',
    '<style>body {{ background: url("{url}") }}</style>',
    '<style>@font-face {{ font-family: x; src: url("{url}") }} body {{ font-family: x }}</style>',
    '<object data="{url}"></object>',
    '<embed src="{url}">',
    '<svg><image href="{url}"/></svg>',
    '<style>li {{ list-style-image: url("{url}") }}</style><li>x</li>',
    '<p style="content: url({url})">x</p>',
]


@pytest.fixture(scope="module")
def jail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningJail]:
    """The second zygote."""
    folder = tmp_path_factory.mktemp("typesetter")
    with running_jail(folder, *TYPESETTING, timeout_s=40) as running:
        yield running


def page(body: str, *, size: float = 10) -> str:
    return (
        '<html lang="zh-Hans"><head><title>会诊意见报告</title></head>'
        f'<body style="font: {size}pt serif">{body}</body></html>'
    )


def text_of(pdf: bytes) -> str:
    """What a reader copies out of the document (poppler)."""
    asked = ["pdftotext", "-layout", "-", "-"]
    return subprocess.run(asked, input=pdf, capture_output=True, check=True).stdout.decode()


def pixels_of(pdf: bytes) -> np.ndarray:
    """The first page as it is seen (poppler), dark is small."""
    asked = ["pdftoppm", "-r", "144", "-gray", "-f", "1", "-l", "1", "-"]
    drawn = subprocess.run(asked, input=pdf, capture_output=True, check=True).stdout
    return np.asarray(Image.open(io.BytesIO(drawn)))


def test_chinese_and_rare_names_come_out_as_they_were_written(jail: RunningJail) -> None:
    made = jail.typeset(page(f"<p>患者 张{RARE}，右眼 → 左眼 ≥ 3 ℃ ■ 2026</p>"))

    assert f"患者 张{RARE}，右眼 → 左眼 ≥ 3 ℃ ■ 2026" in text_of(made)


def test_a_rare_character_is_drawn_as_its_own_glyph_and_not_as_a_box(jail: RunningJail) -> None:
    first, second, blank = (
        pixels_of(jail.typeset(page(f"<p>{letter}</p>", size=19))) for letter in "䶮𠮷　"
    )

    assert (blank == 255).all()
    assert (first < 128).sum() > 200
    assert (second < 128).sum() > 100
    assert (first != second).sum() > 100


def test_it_is_archivable_and_says_title_language_and_embedded_faces(jail: RunningJail) -> None:
    made = jail.typeset(page("<p>报告</p>"))

    said = PdfFileReader(io.BytesIO(made)).root["/Metadata"].data.decode()
    assert re.search(r"pdfaid:part\W+2", said)
    assert re.search(r"pdfaid:conformance\W+U", said)
    faces = subprocess.run(["pdffonts", "-"], input=made, capture_output=True, check=True).stdout
    rows = faces.decode().splitlines()[2:]
    assert rows
    for row in rows:
        embedded, _subset, unicode = re.findall(r"\b(yes|no)\b", row)[:3]
        assert (embedded, unicode) == ("yes", "yes")
    told = subprocess.run(["pdfinfo", "-"], input=made, capture_output=True, check=True).stdout
    assert "会诊意见报告" in told.decode()


def test_the_same_document_gives_the_same_bytes(jail: RunningJail) -> None:
    assert jail.typeset(page("<p>报告</p>")) == jail.typeset(page("<p>报告</p>"))


@pytest.mark.parametrize("letter", ["\U0002f801", "\U0001f600", "ᠠ", "\ue000"])
def test_a_character_without_a_glyph_is_named_and_nothing_is_made(
    jail: RunningJail, letter: str
) -> None:
    typeface = find_typeface()
    assert typeface is not None
    assert typeface.missing_in(f"张{letter}") == [letter]
    with pytest.raises(JailRefusedError) as refusal:
        jail.typeset(page(f"<p>张{letter}</p>"))
    assert refusal.value.reason == Refusal.NO_GLYPH
    assert refusal.value.facts == {"characters": f"U+{ord(letter):04X}"}


def test_any_mixture_of_what_the_face_can_draw_is_set_behind_the_walls(jail: RunningJail) -> None:
    typeface = find_typeface()
    assert typeface is not None
    known = sorted(code for code in typeface.characters if code > 0x20)
    chance = random.Random(20261122)  # noqa: S311 - a sample, not a secret
    for size in SIZES_PT:
        letters = "".join(f"&#{code};" for code in chance.sample(known, 120))
        assert jail.typeset(page(f"<p>{letters} <b>{letters}</b></p>", size=size))


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("scheme", ["http", "file"])
def test_no_address_is_asked_whatever_the_document_names(
    jail: RunningJail, canary: str, scheme: str, tmp_path: Path
) -> None:
    hits: list[str] = []
    with listening(hits) as port:
        file = tmp_path / "secret.jpg"
        file.write_bytes(b"secret")
        url = f"http://127.0.0.1:{port}/x" if scheme == "http" else file.as_uri()
        with contextlib.suppress(JailError):  # refused or left out, and never asked
            assert b"secret" not in jail.typeset(page(canary.format(url=url)))
    assert hits == []


def test_a_picture_that_was_not_given_is_refused_by_its_reason(jail: RunningJail) -> None:
    with pytest.raises(JailRefusedError) as refusal:
        jail.typeset(page('<img src="http://127.0.0.1:1/x">'))
    assert refusal.value.reason == Refusal.OUTSIDE_ADDRESS


def test_pictures_are_those_that_were_given(jail: RunningJail) -> None:
    red, blue = (jpeg(colour) for colour in ((200, 0, 0), (0, 0, 200)))
    html = page('<img src="image:1"><img src="image:2">')
    made = jail.typeset(html, red, blue)

    listed = subprocess.run(
        ["pdfimages", "-list", "-"], input=made, capture_output=True, check=True
    ).stdout.decode()
    assert listed.count("jpeg") == 2
    assert red in made
    assert blue in made
    with pytest.raises(JailRefusedError):
        jail.typeset(html, red)


@pytest.mark.parametrize("tongue", ["zh-Hans", "en"])
@pytest.mark.parametrize("word", ["p", "b"])
def test_a_drawing_stands_in_the_middle_of_its_line(
    jail: RunningJail, tongue: str, word: str
) -> None:
    eye = '<svg viewBox="0 0 9 9" width="40" height="40" style="vertical-align: middle"></svg>'

    made = jail.typeset(page(f'<div lang="{tongue}"><{word}>{eye} 右眼</{word}></div>', size=16))

    assert "右眼" in text_of(made)


@contextlib.contextmanager
def listening(hits: list[str]) -> Iterator[int]:
    """A server that writes down who asks it; its port."""

    class Canary(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_error(404)

    with http.server.HTTPServer(("127.0.0.1", 0), Canary) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def jpeg(colour: tuple[int, int, int]) -> bytes:
    coded = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(coded, "JPEG")
    return coded.getvalue()


@pytest.mark.parametrize(("word", "smallest"), [("reports", 8), ("result_notices", 16)])
def test_a_document_is_set_only_in_sizes_that_were_rehearsed(word: str, smallest: int) -> None:
    sheet = (ROOT / "templates" / word / "pdf.css").read_text("utf-8")
    used = {int(size) for size in re.findall(r"font-size: (\d+)pt", sheet)}
    assert min(used) == smallest
    assert "body { font-size: " in sheet
    assert used <= set(SIZES_PT)
    assert not re.search(r"font-size: [^;]*(em|px|%|small|large)|font:", sheet)

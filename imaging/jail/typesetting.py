"""The jobs of the second zygote: a document of HTML becomes a PDF (ISO 19005-2, PDF/A-2u).

WeasyPrint, Pango and the faces are in memory before a child is forked, since a child opens
nothing: no file, no address, no thread. So every size in which a page may set type is rehearsed,
and the one in which the engine measures an x (`vertical-align: middle`): Pango looks for a new size
in a thread, and ends the process by SIGTRAP where it gets none.
"""

import io
import os
from typing import Any, Final

import weasyprint
from PIL import Image
from weasyprint import pdf as weasyprint_pdf
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from imaging.descriptor import write_all
from imaging.errors import Refusal, RefusedError
from imaging.jail.addresses import ADDRESSES, MOST_PICTURES
from imaging.jail.job import Registry
from imaging.jail.params import Params
from imaging.jail.typefaces import Typeface, find_typeface

SIZES_PT: Final = (7, 8, 9, 10, 11, 13, 16, 19, 24)
"""The sizes in which a document may be set: what was not rehearsed cannot be drawn in a child."""

VARIANT: Final = "pdf/a-2u"
_TONGUES: Final = ("zh-Hans", "en")
_PROFILE: Final = "sRGB2014.icc"
_EACH: Final = 97  # a sample of every script that the face can draw
_MOST_HTML: Final = 4 << 20
_MOST_PICTURE: Final = 16 << 20


class OutsideAddressError(FatalURLFetchingError):
    """The document names something that it was not given."""


class _Given(URLFetcher):
    """Only the pictures that came as descriptors; every other address is refused (T12)."""

    def __init__(self, pictures: dict[str, bytes]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self._pictures = pictures

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """The picture of this name."""
        del headers
        picture = self._pictures.get(url)
        if picture is None:
            raise OutsideAddressError(url)
        return URLFetcherResponse(url, picture, {"Content-Type": "image/jpeg"})


class _Setter:
    """What is kept warm: the faces, and the colour profile that every PDF/A carries."""

    def __init__(self) -> None:
        self.typeface: Typeface | None = None
        self.fonts = FontConfiguration()
        self.sheets: list[Any] = []

    def warm(self) -> None:
        """Bring everything into memory that a document can need."""
        weasyprint_pdf.files = _kept_files  # the engine opens its profile anew for each document
        self.typeface = find_typeface()
        if self.typeface is None:
            return
        # a family that a document names itself would be looked for, which a child cannot
        family = f'font-family: "{self.typeface.family}" !important;'
        everything = f"*, *::before, *::after {{ {family} }} @page {{ {family} }}"
        self.sheets = [weasyprint.CSS(string=everything, font_config=self.fonts)]
        coded = io.BytesIO()
        Image.new("RGB", (32, 32), (120, 60, 20)).save(coded, "JPEG")
        pictures = dict.fromkeys(ADDRESSES, coded.getvalue())
        for _twice in range(2):
            self.set(_specimen(self.typeface), pictures)

    def set(self, html: str, pictures: dict[str, bytes]) -> bytes:
        """The document as PDF/A."""
        document = weasyprint.HTML(string=html, base_url=None, url_fetcher=_Given(pictures))
        made: bytes = document.write_pdf(
            font_config=self.fonts, stylesheets=self.sheets, pdf_variant=VARIANT
        )
        return made


class _Kept:
    """A file of the engine that was read before the walls went up."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __truediv__(self, name: str) -> "_Kept":
        if name != _PROFILE:
            raise FileNotFoundError(name)
        return self

    def open(self, _mode: str) -> io.BytesIO:
        """As the file would be opened."""
        return io.BytesIO(self._content)


_KEPT: Final = _Kept((weasyprint_pdf.files(weasyprint_pdf.__name__) / _PROFILE).read_bytes())
_SETTER: Final = _Setter()


def _kept_files(_package: str) -> _Kept:
    return _KEPT


def preload() -> None:
    """Once, before the first fork."""
    _SETTER.warm()


def typeset(_params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Set a document with the pictures that it names; an empty file is no picture."""
    typeface = _SETTER.typeface
    if typeface is None:
        raise RefusedError(Refusal.NO_CHINESE_FONT)
    html = _read(inputs[0], most=_MOST_HTML).decode("utf-8")
    missing = typeface.missing_in(html)
    if missing:
        told = " ".join(f"U+{ord(letter):04X}" for letter in missing[:8])
        raise RefusedError(Refusal.NO_GLYPH, {"characters": told})
    read = [_read(each, most=_MOST_PICTURE) for each in inputs[1:]]
    given = {name: data for name, data in zip(ADDRESSES, read, strict=True) if data}
    try:
        made = _SETTER.set(html, given)
    except OutsideAddressError:
        raise RefusedError(Refusal.OUTSIDE_ADDRESS) from None
    write_all(outputs[0], made)
    return {"bytes": len(made), "family": typeface.family}


def ping(_params: Params, _inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """Say which typeface documents are set in, if any."""
    return {"family": None if _SETTER.typeface is None else _SETTER.typeface.family}


def _read(descriptor: int, *, most: int) -> bytes:
    size = os.fstat(descriptor).st_size
    if size > most:
        raise RefusedError(Refusal.TOO_LARGE)
    return os.pread(descriptor, size, 0)


def _specimen(typeface: Typeface) -> str:
    """A page with every size, weight, language and script, so that all of it is found and kept."""
    sample = "".join(
        f"&#{code};" for code in sorted(typeface.characters)[::_EACH] if code > ord(" ")
    )
    lines = [
        f'<p lang="{tongue}" style="font-size:{size}pt">联诊 Lianzhen 1 <b>报告 2</b></p>'
        for tongue in _TONGUES
        for size in SIZES_PT
    ]
    lines += [
        f'<p lang="{tongue}" style="font-size:8pt">{sample}<b>{sample}</b></p>'
        for tongue in _TONGUES
    ]
    middle = '<img src="image:1" style="vertical-align:middle">'
    lines += [f'<p lang="{tongue}">{middle}<b>{middle}</b></p>' for tongue in _TONGUES]
    pictures = "".join(f'<img src="{address}">' for address in ADDRESSES)
    style = (
        "@page { size: A4; @bottom-right { font-size: 8pt;"
        " content: counter(page) '/' counter(pages) } }"
    )
    pictures += (
        '<svg viewBox="0 0 9 9"><image href="image:1" width="9" height="9"/>'
        '<path d="M1 1A2 2 0 1 0 3 3L2 2Z" fill="none" stroke="#fff" stroke-opacity="0.5"/></svg>'
    )
    body = f"{''.join(lines)}{pictures}<table><tr><td>1</td></tr></table>"
    head = f"<head><title>.</title><style>{style}</style></head>"
    return f'<html lang="zh-Hans">{head}<body>{body}</body></html>'


REGISTRY: Final[Registry] = {"ping": (0, 0, ping), "typeset": (1 + MOST_PICTURES, 1, typeset)}

"""How a picture is asked for: frame, viewport, quality, window (PS3.18 8.3.5.1)."""

import math
import re
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from consult.kernel.errors import NotFoundError
from server.dicomweb.errors import MalformedError
from server.views.pictures import PREVIEW_PX

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,6}")
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,7}(\.[0-9]{1,6})?")
_LARGEST_PX: Final = 65_500
_MOST_ENLARGED_PX: Final = 25_000_000
_LARGEST_NUMBER: Final = 1e9
_SIDES: Final = 2
_WHOLE_QUALITY: Final = range(1, 101)
_MOST_FRAMES: Final = 100
_FUNCTIONS: Final = {"linear": "LINEAR", "linear-exact": "LINEAR_EXACT", "sigmoid": "SIGMOID"}
JPEG: Final = "image/jpeg"
PNG: Final = "image/png"
_MEDIA: Final = {JPEG: "jpeg", PNG: "png"}
_ANNOTATIONS: Final = re.compile(r"[^0-9A-Za-z,-]")


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the source picture (PS3.18 8.3.5.1.3); without a width or height, up to its edge.

    A negative width or height mirrors the part.
    """

    left: float
    top: float
    width: float | None
    height: float | None


@dataclass(frozen=True, slots=True)
class Levels:
    """A window: centre, width, and the function of PS3.3 C.11.2.1 by its name there."""

    centre: float
    width: float
    function: str = "LINEAR"


@dataclass(frozen=True, slots=True)
class Wish:
    """How a picture is asked for (PS3.18 8.3.5.1)."""

    frame: int
    viewport: tuple[int, int] | None
    quality: int | None
    window: Levels | None
    region: Region | None = None
    media: str = JPEG

    def is_preview_of(self, size: tuple[int, int]) -> bool:
        """Whether the stored preview of a picture of this size answers it.

        Of one that is no larger than a preview it is the whole picture.
        """
        if self.quality is not None or self.frame != 1 or self._is_changed:
            return False
        is_small = 0 < max(size) <= PREVIEW_PX
        return self.viewport == (PREVIEW_PX, PREVIEW_PX) or (is_small and self.is_whole(size))

    def is_whole(self, size: tuple[int, int]) -> bool:
        """Whether a picture of this size is asked for as it is: not smaller, no other window."""
        if self._is_changed or not all(size):
            return False
        view = self.viewport
        return view is None or (size[0] <= view[0] and size[1] <= view[1])

    @property
    def _is_changed(self) -> bool:
        return self.window is not None or self.region is not None or self.media != JPEG


def wish_of(request: web.Request, frame: int, *, media: str = JPEG) -> Wish:
    """The query's parameters; what is malformed is 400, as PS3.18 8.3.5.1 asks."""
    viewport, region = _viewport_in(request)
    return Wish(
        frame=frame,
        viewport=viewport,
        quality=_quality_in(request),
        window=_window_in(request),
        region=region,
        media=media,
    )


def annotations_in(request: web.Request) -> str:
    """What the query wants written into the picture, for the warning that nothing is."""
    return _ANNOTATIONS.sub("", request.query.get("annotation", ""))[:64]


def frames_in(request: web.Request) -> list[int]:
    """The numbers of frames from the path; anything else is not there."""
    parts = request.match_info["frame"].split(",")
    if len(parts) > _MOST_FRAMES or any(_NUMBER.fullmatch(part) is None for part in parts):
        raise NotFoundError
    return [int(part) for part in parts]


def params_of(wish: Wish) -> dict[str, int | float | str]:
    """The same as the jail's job takes it."""
    params: dict[str, int | float | str] = {"frame": wish.frame, "media": _MEDIA[wish.media]}
    if wish.viewport is not None:
        params |= {"max_width": wish.viewport[0], "max_height": wish.viewport[1]}
    if wish.quality is not None:
        params["quality"] = wish.quality
    if wish.window is not None:
        params |= {
            "centre": wish.window.centre,
            "width": wish.window.width,
            "function": wish.window.function,
        }
    if wish.region is not None:
        params |= {"left": wish.region.left, "top": wish.region.top}
        params |= {} if wish.region.width is None else {"across": wish.region.width}
        params |= {} if wish.region.height is None else {"down": wish.region.height}
    return params


def _viewport_in(request: web.Request) -> tuple[tuple[int, int] | None, Region | None]:
    """The size, and the region of the source that is shown in it."""
    text = request.query.get("viewport")
    if text is None:
        return None, None
    parts = text.split(",")
    if len(parts) not in range(2, 7) or not all(map(_NUMBER.fullmatch, parts[:2])):
        raise _wrong()
    size = int(parts[0]), int(parts[1])
    if max(size) > _LARGEST_PX:
        raise _wrong()
    if len(parts) == _SIDES:
        return size, None
    if math.prod(size) > _MOST_ENLARGED_PX:
        raise _wrong()
    left, top, width, height = (*map(_decimal, parts[2:]), None, None, None)[:4]
    if width == 0 or height == 0:
        raise _wrong()
    return size, Region(abs(left or 0.0), abs(top or 0.0), width, height)


def _decimal(text: str) -> float | None:
    """A number of the region; one that is left out has its default."""
    if not text:
        return None
    if _DECIMAL.fullmatch(text) is None:
        raise _wrong()
    return float(text)


def _quality_in(request: web.Request) -> int | None:
    text = request.query.get("quality")
    if text is None:
        return None
    if _NUMBER.fullmatch(text) is None or int(text) not in _WHOLE_QUALITY:
        raise _wrong()
    return int(text)


def _window_in(request: web.Request) -> Levels | None:
    """Centre, width and function; the function may be left out, and is linear then."""
    text = request.query.get("window")
    if text is None:
        return None
    centre, _, rest = text.partition(",")
    width, _, function = rest.partition(",")
    try:
        window = float(centre), float(width)
    except ValueError:
        raise _wrong() from None
    is_finite = abs(window[0]) < _LARGEST_NUMBER and 0 < window[1] < _LARGEST_NUMBER
    named = _FUNCTIONS.get(function.lower() or "linear")
    if named is None or not is_finite or (named == "LINEAR" and window[1] < 1):
        raise _wrong()
    return Levels(*window, named)


def _wrong() -> MalformedError:
    return MalformedError("picture-parameter")

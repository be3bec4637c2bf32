"""How a picture is asked for: frame, viewport, quality, window (PS3.18 8.3.5.1)."""

import re
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from consult.kernel.errors import NotFoundError, RefusedError
from server.views.pictures import PREVIEW_PX

_NUMBER: Final = re.compile(r"[1-9][0-9]{0,6}")
_LARGEST_PX: Final = 65_500
_LARGEST_NUMBER: Final = 1e9


@dataclass(frozen=True, slots=True)
class Wish:
    """How a picture is asked for (PS3.18 8.3.5.1)."""

    frame: int
    viewport: tuple[int, int] | None
    quality: int | None
    window: tuple[float, float] | None

    def is_preview_of(self, size: tuple[int, int]) -> bool:
        """Whether the stored preview of a picture of this size answers it.

        Of one that is no larger than a preview it is the whole picture.
        """
        if self.quality is not None or self.window is not None or self.frame != 1:
            return False
        is_small = 0 < max(size) <= PREVIEW_PX
        return self.viewport == (PREVIEW_PX, PREVIEW_PX) or (is_small and self.is_whole(size))

    def is_whole(self, size: tuple[int, int]) -> bool:
        """Whether a picture of this size is asked for as it is: not smaller, no other window."""
        if self.window is not None or not all(size):
            return False
        view = self.viewport
        return view is None or (size[0] <= view[0] and size[1] <= view[1])


def wish_of(request: web.Request, frame: int) -> Wish:
    """The query's parameters; a part of the picture (viewport with a region) is not offered."""
    viewport = _whole_numbers(request, "viewport", 2)
    quality = _whole_numbers(request, "quality", 1)
    if quality is not None and not 1 <= quality[0] <= 100:  # noqa: PLR2004 - PS3.18 8.3.5.1.2
        raise _wrong("quality")
    return Wish(
        frame=frame,
        viewport=None if viewport is None else (viewport[0], viewport[1]),
        quality=None if quality is None else quality[0],
        window=_window_in(request),
    )


def frame_in(request: web.Request) -> int:
    """The number of a frame from the path; anything else is not there."""
    text = request.match_info["frame"]
    if _NUMBER.fullmatch(text) is None:
        raise NotFoundError
    return int(text)


def params_of(wish: Wish) -> dict[str, int | float]:
    """The same as the jail's job takes it."""
    params: dict[str, int | float] = {"frame": wish.frame}
    if wish.viewport is not None:
        params |= {"max_width": wish.viewport[0], "max_height": wish.viewport[1]}
    if wish.quality is not None:
        params["quality"] = wish.quality
    if wish.window is not None:
        params |= {"centre": wish.window[0], "width": wish.window[1]}
    return params


def _whole_numbers(request: web.Request, name: str, count: int) -> tuple[int, ...] | None:
    text = request.query.get(name)
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) != count or any(_NUMBER.fullmatch(part) is None for part in parts):
        raise _wrong(name)
    numbers = tuple(int(part) for part in parts)
    if max(numbers) > _LARGEST_PX:
        raise _wrong(name)
    return numbers


def _window_in(request: web.Request) -> tuple[float, float] | None:
    text = request.query.get("window")
    if text is None:
        return None
    centre, _, rest = text.partition(",")
    width, _, function = rest.partition(",")
    try:
        window = float(centre), float(width)
    except ValueError:
        raise _wrong("window") from None
    is_finite = abs(window[0]) < _LARGEST_NUMBER and 0 < window[1] < _LARGEST_NUMBER
    if function not in {"", "linear"} or not is_finite:
        raise _wrong("window")
    return window


def _wrong(name: str) -> RefusedError:
    return RefusedError("picture-parameter", field=name)

"""What browsers say of a picture, read into what cannot be wrong; places are image pixels."""

import re
from collections.abc import Mapping
from typing import Any, Final

from server.media.errors import RoomRefusal

_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_FARTHEST_PX: Final = 1_000_000.0
_MOST_FRAMES: Final = 1_000_000
_WIDEST: Final = 1e12
_LARGEST_SHARE: Final = 10_000.0
_QUARTERS: Final = 4
_PAIR: Final = 2
_KEYS: Final = frozenset(
    {
        *("image", "frame", "centre", "field", "window"),
        *("inverted", "red_free", "enhanced", "quarters", "mirrored"),
    }
)
_SWITCHES: Final = ("inverted", "red_free", "enhanced", "mirrored")
Place = tuple[float, float]


def parse_view(told: object) -> Mapping[str, Any]:
    """How a picture is shown, with nothing in it that was not asked for. Raises RoomRefusal."""
    if not isinstance(told, dict) or set(told) != _KEYS:
        raise RoomRefusal("view-malformed")
    image, frame = parse_frame(told)
    switches = {name: told[name] for name in _SWITCHES}
    quarters = told["quarters"]
    is_turn = type(quarters) is int and 0 <= quarters < _QUARTERS
    if not is_turn or not all(isinstance(each, bool) for each in switches.values()):
        raise RoomRefusal("view-malformed")
    return {
        "image": image,
        "frame": frame,
        "centre": parse_place(told["centre"]),
        "field": _parse_pair(told["field"], 1 / _LARGEST_SHARE, _LARGEST_SHARE),
        "window": _parse_window(told["window"]),
        "quarters": quarters,
        **switches,
    }


def parse_frame(told: Mapping[str, Any]) -> tuple[str, int]:
    """Which frame of which picture; raises RoomRefusal."""
    image, frame = parse_name(told.get("image")), told.get("frame")
    if type(frame) is not int or not 1 <= frame <= _MOST_FRAMES:
        raise RoomRefusal("view-malformed")
    return image, frame


def parse_name(told: object) -> str:
    """The id of a picture, a line or a person; raises RoomRefusal."""
    if not isinstance(told, str) or _ID.fullmatch(told) is None:
        raise RoomRefusal("view-malformed")
    return told


def parse_place(told: object) -> Place:
    """A place in a picture, to the hundredth of a pixel; raises RoomRefusal."""
    column, row = _parse_pair(told, -_FARTHEST_PX, _FARTHEST_PX)
    return round(column, 2), round(row, 2)


def parse_places(told: object, *, most: int) -> list[Place]:
    """A piece of a line; raises RoomRefusal."""
    if not isinstance(told, list) or not 1 <= len(told) <= most:
        raise RoomRefusal("view-malformed")
    return [parse_place(each) for each in told]


def _parse_window(told: object) -> Place | None:
    if told is None:
        return None
    lower, upper = _parse_pair(told, -_WIDEST, _WIDEST)
    if lower >= upper:
        raise RoomRefusal("view-malformed")
    return lower, upper


def _parse_pair(told: object, lowest: float, highest: float) -> Place:
    if not isinstance(told, list) or len(told) != _PAIR:
        raise RoomRefusal("view-malformed")
    one, other = (_parse_number(each, lowest, highest) for each in told)
    return one, other


def _parse_number(told: object, lowest: float, highest: float) -> float:
    """JSON of Python's may be NaN, or a whole number beyond every float: both are beyond bounds."""
    if not isinstance(told, int | float) or isinstance(told, bool):
        raise RoomRefusal("view-malformed")
    if not lowest <= told <= highest:
        raise RoomRefusal("view-malformed")
    return float(told)

"""Where frames lie in a stored file, so that one can be given out without opening the whole.

Known from the jail, which has looked at the file once. Pure numbers: nothing here reads a file, and
whoever reads by them stays within the stored bytes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

MOST_PLACES: Final = 1000
Place = tuple[int, int]
"""Offset and length."""


@dataclass(frozen=True, slots=True)
class Places:
    """The bytes of each frame as a client is given them; `shown` where a browser reads them.

    Native frames lie one behind the other: `first` and how many. Coded ones are named singly, and
    of each how long the JPEG is that a browser may get untouched, 0 for none. A video has no frames
    that lie by themselves: `stream` are the pieces of the one stream that holds them.
    """

    coded: Sequence[Place] = ()
    shown: Sequence[int] = ()
    first: Place | None = None
    frames: int = 0
    stream: Sequence[Place] = ()

    def frame(self, number: int) -> Place | None:
        """Where the frame of this number (from 1) lies."""
        if not 1 <= number <= self.frames:
            return None
        if self.first is None:
            return self.coded[number - 1]
        at, length = self.first
        return at + (number - 1) * length, length

    def picture(self, number: int) -> Place | None:
        """Where the frame lies as a JPEG that a browser shows as the object means it."""
        place = self.frame(number)
        if place is None or not self.shown or not self.shown[number - 1]:
            return None
        return place[0], self.shown[number - 1]

    def to_text(self) -> str:
        """The same for a column."""
        told: dict[str, object] = {"coded": self.coded, "shown": self.shown}
        told |= {"first": self.first, "frames": self.frames}
        told |= {"stream": self.stream} if self.stream else {}
        return json.dumps(told, separators=(",", ":"))


def parse_places(text: str) -> Places:
    """Read what `to_text` wrote."""
    told = json.loads(text)
    first = told["first"]
    return Places(
        coded=[(at, length) for at, length in told["coded"]],
        shown=told["shown"],
        first=None if first is None else (first[0], first[1]),
        frames=told["frames"],
        stream=[(at, length) for at, length in told.get("stream", ())],
    )

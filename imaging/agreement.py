"""Whether two decoders read the same values from a losslessly coded picture; runs in the jail."""

import itertools
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

import numpy as np

from imaging.errors import PictureError
from imaging.frames import Frame, attempts, shape_of
from imaging.header import read_header
from imaging.lenient import leniently
from imaging.survey import Survey

_MOST_FRAMES: Final = 16
_MOST_BYTES: Final = 256 << 20


class Agreement(StrEnum):
    """What the second decoder said."""

    AGREED = "agreed"
    DIFFER = "differ"
    ALONE = "alone"


def compare_decoders(descriptor: int, found: Survey) -> Agreement:
    """Decode some frames, evenly spread, by two decoders each and compare every value.

    Raises PictureError: there is no picture, or its description is nonsense.
    """
    header = read_header(descriptor, found)
    shape = shape_of(header)
    count = min(_MOST_FRAMES, shape.frames, max(1, _MOST_BYTES // (2 * shape.frame_bytes)))
    outcome = Agreement.AGREED
    for number in range(count):
        index = number * shape.frames // count
        with leniently():
            said = judge(attempts(descriptor, found, header, index))
        if said is Agreement.DIFFER:
            return said
        outcome = Agreement.ALONE if said is Agreement.ALONE else outcome
    return outcome


def judge(readings: Iterable[Frame]) -> Agreement:
    """Compare the first two readings; one alone proves nothing."""
    try:
        two = list(itertools.islice(readings, 2))
    except PictureError:
        return Agreement.ALONE
    if len(two) < 2:  # noqa: PLR2004  # that is the point
        return Agreement.ALONE
    first, second = (np.asarray(each.pixels) for each in two)
    return Agreement.AGREED if np.array_equal(first, second) else Agreement.DIFFER

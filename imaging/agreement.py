"""Whether two decoders read the same values from a losslessly coded picture; runs in the jail."""

import itertools
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

import numpy as np
from pydicom.dataset import Dataset

from imaging.errors import PictureError
from imaging.frames import Frame, attempts, coded_frame, shape_of
from imaging.header import read_header
from imaging.lenient import leniently
from imaging.sequential_jpeg import decode_rows
from imaging.survey import Survey

_PROCESS_14: Final = frozenset({"1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"})
_MOST_SAMPLES: Final = 8 << 20
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
            said = judge(_readings(descriptor, found, header, index, _MOST_SAMPLES // count))
        if said is Agreement.DIFFER:
            return said
        outcome = Agreement.ALONE if said is Agreement.ALONE else outcome
    return outcome


def _readings(
    descriptor: int, found: Survey, header: Dataset, index: int, most_samples: int
) -> Iterator[Frame]:
    """Every decoder at hand, and for lossless JPEG, which one of them reads, our own."""
    yield from attempts(descriptor, found, header, index)
    if found.transfer_syntax_uid in _PROCESS_14:
        coded = coded_frame(descriptor, found, shape_of(header), index=index)
        yield Frame(decode_rows(coded, most_samples=most_samples), "", 0)


def judge(readings: Iterable[Frame]) -> Agreement:
    """Compare the first two readings; one alone proves nothing."""
    try:
        two = list(itertools.islice(readings, 2))
    except PictureError:
        return Agreement.ALONE
    if len(two) < 2:  # noqa: PLR2004  # that is the point
        return Agreement.ALONE
    first, second = (np.asarray(each.pixels) for each in two)
    first = first[: second.shape[0]]  # ours may have read the first rows of a large frame
    if first.itemsize == second.itemsize:  # the sign is in the header, not in the coding
        second = second.view(first.dtype)
    return Agreement.AGREED if np.array_equal(first, second) else Agreement.DIFFER

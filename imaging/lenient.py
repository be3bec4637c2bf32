"""Let pydicom and Pillow read what real devices write, without a word on the error stream.

`FAULTS` is what they raise on nonsense; whoever asks them for anything catches all of it.
"""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from pydicom.errors import BytesLengthException

from imaging import escapes

escapes.teach()

FAULTS: Final = (
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    RuntimeError,
    OSError,
    EOFError,
    AssertionError,
    ArithmeticError,
    struct.error,
    zlib.error,
    BytesLengthException,
)


@contextmanager
def leniently() -> Iterator[None]:
    """Hide the readers' remarks about small departures from the standard."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield

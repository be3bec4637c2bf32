"""Let pydicom and Pillow read what real devices write, without a word on the error stream.

`FAULTS` is what they raise on nonsense; whoever asks them for anything catches all of it.
"""

import struct
import threading
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from pydicom.errors import BytesLengthException

from imaging import escapes

escapes.teach()

_RUST: Final = "pyo3_runtime"
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


class PanickedError(RuntimeError):
    """A decoder written in Rust gave up."""


@contextmanager
def panics_as_faults() -> Iterator[None]:
    """Make one of `FAULTS` of a Rust library's panic, which is no Exception and has no public name.

    The library was written to unwind then: nothing of ours is in an odd state.
    """
    try:
        yield
    except BaseException as error:
        if type(error).__module__ != _RUST:
            raise
        raise PanickedError from None


class _Leniency(threading.local):
    """Whether the remarks of this thread are hidden already: to hide them takes its time."""

    is_on = False


_LENIENCY: Final = _Leniency()


@contextmanager
def leniently() -> Iterator[None]:
    """Hide the readers' remarks about small departures from the standard."""
    if _LENIENCY.is_on:
        with panics_as_faults():
            yield
        return
    with panics_as_faults(), warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        _LENIENCY.is_on = True
        try:
            yield
        finally:
            _LENIENCY.is_on = False

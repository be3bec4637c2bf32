"""Let pydicom and Pillow read what real devices write, without a word on the error stream."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def leniently() -> Iterator[None]:
    """Hide the readers' remarks about small departures from the standard."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield

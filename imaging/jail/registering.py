"""The job `register`: where the places of an earlier photograph lie in today's."""

import io
import os
from typing import Any, Final

from PIL import Image

from imaging.errors import Refusal, RefusedError
from imaging.fundus.registration import register
from imaging.jail.params import Params
from imaging.lenient import FAULTS

_LARGEST_BYTES: Final = 8 << 20


def register_photographs(_params: Params, inputs: list[int], _outputs: list[int]) -> dict[str, Any]:
    """Answer the similarity in shares of today's and the earlier picture's width, or none.

    Raises RefusedError where one of them is no picture.
    """
    try:
        today, prior = (_picture(each) for each in inputs)
        found = register(today, prior)
    except FAULTS as error:
        raise RefusedError(Refusal.DAMAGED_PICTURE) from error
    if found is None:
        return {"is_found": False}
    factor = found.similarity.factor * prior.width / today.width
    shift = found.similarity.shift / today.width
    return {
        "is_found": True,
        "factor": [factor.real, factor.imag],
        "shift": [shift.real, shift.imag],
        "residual": found.residual,
        "agreeing": found.agreeing,
    }


def _picture(descriptor: int) -> Image.Image:
    """One of our own previews, decoded."""
    coded = io.BytesIO(os.pread(descriptor, _LARGEST_BYTES, 0))
    with Image.open(coded, formats=("JPEG",)) as opened:
        opened.load()
        return opened.convert("RGB")

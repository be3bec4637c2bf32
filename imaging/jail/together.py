"""The job `receive_many`: calm objects of one institution, one after the other in one child.

Calm is an object in which no decoder meets coded bytes: its pixels lie there as they are, and all
that reads it is Python and numpy. Where one of them is anything else nothing is answered, and each
is looked at again in a child of its own (decision 0196).
"""

from typing import Any, Final

from imaging.calm import CALM_SYNTAXES, MOST_TOGETHER, OUTPUTS_EACH
from imaging.errors import NoPicture, Refusal, RefusedError
from imaging.jail.dicomweb import receive_opened
from imaging.jail.opened import open_surveyed
from imaging.jail.params import Params
from imaging.survey import Survey, survey

_CALM_REASONS: Final = frozenset({None, NoPicture.NO_PIXEL_DATA.value})
_RESTLESS: Final[dict[str, Any]] = {"is_calm": False}


def receive_many(params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Do `receive` for each of the objects; of what is not calm throughout nothing is told."""
    if not 0 < len(inputs) <= MOST_TOGETHER or len(outputs) != OUTPUTS_EACH * len(inputs):
        raise RefusedError(Refusal.INVALID_PARAMS, {"param": "descriptors"})
    try:
        surveys = [survey(each) for each in inputs]
        if not all(map(_is_calm, surveys)):
            return _RESTLESS
        told = [
            receive_opened(params, open_surveyed(each, found), outputs[at : at + OUTPUTS_EACH])
            for each, found, at in zip(
                inputs, surveys, range(0, len(outputs), OUTPUTS_EACH), strict=True
            )
        ]
    except (RefusedError, RecursionError, MemoryError):
        return _RESTLESS
    if any(each["reason"] not in _CALM_REASONS for each in told):
        return _RESTLESS
    return {"is_calm": True, "told": told}


def _is_calm(found: Survey) -> bool:
    return found.transfer_syntax_uid in CALM_SYNTAXES and not found.is_encapsulated

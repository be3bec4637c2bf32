"""The jobs of the jail while a demonstration is filled in: the usual ones, and drawing.

Drawn photographs leave as a camera would write them, so that they come in like any other file.
"""

from typing import Any, Final

from imaging.descriptor import write_all
from imaging.errors import Refusal, RefusedError
from imaging.fundus.camera import with_exif
from imaging.fundus.draw import draw_fundus
from imaging.fundus.spec import FundusSpecError, parse_spec
from imaging.jail import jobs
from imaging.jail.job import Registry
from imaging.jail.params import Params, refused


def draw(params: Params, _inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Draw a fundus photograph as a camera's JPEG."""
    captured_at = params.optional_moment("captured_at")
    if captured_at is None:
        raise refused("captured_at")
    try:
        spec = parse_spec(params.mapping("spec"))
    except FundusSpecError as error:
        raise RefusedError(Refusal.INVALID_PARAMS, {"param": f"spec.{error.field}"}) from error
    write_all(outputs[0], with_exif(draw_fundus(spec), captured_at))
    return {}


REGISTRY: Final[Registry] = {
    **jobs.REGISTRY,
    "draw": (0, 1, draw),
}

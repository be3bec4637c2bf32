"""How the jail is asked for the stored pixels in a drawn shape."""

from consult.annotations.model import Mark
from imaging.jail.protocol import JsonValue


def region_wish(mark: Mark) -> dict[str, JsonValue]:
    """The parameters of the job `measure`."""
    return {
        "frame": mark.frame,
        "shape": mark.tool.value,
        "drawn": {"points": [[column, row] for column, row in mark.points]},
    }

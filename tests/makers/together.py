"""What browsers say of a picture that is looked at together."""

from typing import Any

IMAGE = "0123456789abcdef0123456789abcdef"


def view(**changes: Any) -> dict[str, Any]:
    """How a picture is shown."""
    return {
        "image": IMAGE,
        "frame": 1,
        "centre": [512.5, 384.0],
        "field": [0.5, 0.75],
        "window": [0.0, 255.0],
        "inverted": False,
        "red_free": False,
        "enhanced": False,
        "quarters": 0,
        "mirrored": False,
        **changes,
    }


def stroke(name: str, *points: tuple[float, float], **changes: Any) -> dict[str, Any]:
    """A piece of a line."""
    places = [list(each) for each in points or ((1.0, 2.0), (3.0, 4.0))]
    return {"stroke": name, "image": IMAGE, "frame": 1, "points": places, **changes}

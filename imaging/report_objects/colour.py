"""The colour of a layer as a presentation state tells it (PS3.3 C.10.7.1.1)."""

from typing import Final

_WHITE_D50: Final = (0.96422, 1.0, 0.82521)
# sRGB to the profile connection space, adapted to D50 (ICC.1, Bradford).
_TO_XYZ: Final = (
    (0.4360747, 0.3850649, 0.1430804),
    (0.2225045, 0.7168786, 0.0606169),
    (0.0139322, 0.0971045, 0.7141733),
)
_LARGEST: Final = 65535
_LINEAR_BELOW: Final = 0.04045


def cielab_of(colour: str) -> list[int]:
    """The colour `#rrggbb` as scaled CIELab: L* from 0 to 100, a* and b* from -128 to 127."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    x, y, z = (
        _curve((row[0] * red + row[1] * green + row[2] * blue) / white)
        for row, white in zip(_TO_XYZ, _WHITE_D50, strict=True)
    )
    lightness, across, down = 116 * y - 16, 500 * (x - y), 200 * (y - z)
    return [
        _scaled(lightness / 100),
        _scaled((across + 128) / 255),
        _scaled((down + 128) / 255),
    ]


def _linear(part: float) -> float:
    if part <= _LINEAR_BELOW:
        return part / 12.92
    return float(((part + 0.055) / 1.055) ** 2.4)


def _curve(part: float) -> float:
    edge = 6 / 29
    if part > edge**3:
        return float(part ** (1 / 3))
    return part / (3 * edge**2) + 4 / 29


def _scaled(part: float) -> int:
    return min(max(round(part * _LARGEST), 0), _LARGEST)

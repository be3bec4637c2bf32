"""What config/viewing.toml says about drawing pictures (VW-01, VW-08)."""

from collections.abc import Mapping
from dataclasses import dataclass

from consult.kernel.rules import RuleTable
from consult.kernel.words import Words

_MEGA = 1_000_000
_RATES = ("slowest", "begins", "fastest")
_MOST_CHANGES = 6
"""In a second: as many as make three flashes (WCAG 2.3.1)."""


@dataclass(frozen=True, slots=True)
class NamedWindow:
    """A window of values for one kind of image, by the name that readers call it."""

    modality: str
    words: Words
    center: float
    width: float


@dataclass(frozen=True, slots=True)
class ViewingRules:
    """Windows by modality, the bound of enhancement, and which pictures the browser draws."""

    version: str
    most_pixels: int
    clip: int
    tiles: int
    windows: tuple[NamedWindow, ...]
    least_agreeing: float
    most_residual: float
    flicker: tuple[int, int, int]

    def told_in(self, language: str) -> Mapping[str, object]:
        """The rules as the page hands them to its script."""
        return {
            "mostPixels": self.most_pixels,
            "bound": {"clip": self.clip, "tiles": self.tiles},
            "flicker": dict(zip(_RATES, self.flicker, strict=True)),
            "windows": [
                {
                    "modality": each.modality,
                    "name": each.words.said_in(language),
                    "center": each.center,
                    "width": each.width,
                }
                for each in self.windows
            ],
        }


def parse_viewing_rules(mapping: Mapping[str, object]) -> ViewingRules:
    """Read and check config/viewing.toml."""
    table = RuleTable(mapping)
    table.only(
        "name",
        "version",
        "source",
        "most_megapixels",
        "enhancement",
        "window",
        "registration",
        "flicker",
    )
    registration, flicker = table.table("registration"), table.table("flicker")
    registration.only("least_agreeing", "most_residual")
    enhancement = table.table("enhancement")
    enhancement.only("clip", "tiles")
    return ViewingRules(
        version=table.text("version"),
        most_pixels=table.whole("most_megapixels", lowest=1) * _MEGA,
        clip=enhancement.whole("clip", lowest=1),
        tiles=enhancement.whole("tiles", lowest=1),
        windows=tuple(_window(each) for each in table.tables("window")),
        least_agreeing=_share(registration, "least_agreeing"),
        most_residual=_share(registration, "most_residual"),
        flicker=_rates(flicker),
    )


def _share(table: RuleTable, key: str) -> float:
    told = table.number_or_none(key)
    if told is None or not 0 < told < 1:
        raise table.wrong(key, "must be a share")
    return float(told)


def _rates(table: RuleTable) -> tuple[int, int, int]:
    table.only(*_RATES)
    slowest, begins, fastest = (table.whole(name, lowest=1) for name in _RATES)
    if not slowest <= begins <= fastest <= _MOST_CHANGES:
        raise table.wrong("fastest", "must be safe to look at, and the slowest below it")
    return slowest, begins, fastest


def _window(table: RuleTable) -> NamedWindow:
    table.only("modality", "words", "center", "width")
    center, width = table.number_or_none("center"), table.number_or_none("width")
    if center is None:
        raise table.wrong("center", "is missing")
    if width is None or width <= 0:
        raise table.wrong("width", "must be more than nothing")
    return NamedWindow(
        modality=table.text("modality"),
        words=table.words("words"),
        center=float(center),
        width=float(width),
    )

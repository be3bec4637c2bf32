"""What a drawn fundus photograph shall show, and how that is read from plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any


class FundusSpecError(ValueError):
    """The description of a picture is not one that can be drawn; `field` says where."""

    def __init__(self, field: str) -> None:
        super().__init__(f"fundus-spec-{field}")
        self.field = field


class Eye(StrEnum):
    """Laterality as DICOM writes it, (0020,0062)."""

    RIGHT = "R"
    LEFT = "L"


class FundusField(StrEnum):
    """The two fields of a two-field screening protocol."""

    MACULA = "macula"
    DISC = "disc"


class Neovascularisation(StrEnum):
    """Where new vessels grow: on the disc (NVD), elsewhere (NVE), or both."""

    NONE = "none"
    DISC = "disc"
    ELSEWHERE = "elsewhere"
    BOTH = "both"


@dataclass(frozen=True, slots=True)
class FundusSpec:
    """One photograph of one eye: the same values always give the same bytes.

    `seed` is the person: both eyes and both fields of one seed belong together. `icdr` is the
    grade 0-4 whose signs are drawn; `exposure` is in stops; the other floats run from 0 to 1.
    """

    seed: int
    eye: Eye
    field: FundusField
    icdr: int = 0
    dme: bool = False
    haze: float = 0.0
    defocus: float = 0.0
    exposure: float = 0.0
    pigmentation: float = 0.5
    tessellation: float = 0.15
    drusen: float = 0.0
    cup_disc_ratio: float = 0.35
    disc_swelling: float = 0.0
    laser_scars: bool = False
    preretinal_haemorrhage: bool = False
    vitreous_haemorrhage: float = 0.0
    neovascularisation: Neovascularisation = Neovascularisation.NONE
    size_px: int = 1600

    def new_vessels(self) -> Neovascularisation:
        """Grade 4 needs a sign of its own (ICDR): without another, new vessels are drawn."""
        signs = self.preretinal_haemorrhage or self.vitreous_haemorrhage > 0 or self.laser_scars
        if self.icdr == _PROLIFERATIVE and not signs and self.neovascularisation == "none":
            return Neovascularisation.ELSEWHERE
        return self.neovascularisation


_PROLIFERATIVE = 4
_LIMITS: Mapping[str, tuple[float, float]] = {
    "seed": (0, 2**63 - 1),
    "icdr": (0, 4),
    "exposure": (-2.0, 2.0),
    "cup_disc_ratio": (0.1, 0.95),
    "size_px": (64, 4096),
}
_SWITCHES = frozenset({"dme", "laser_scars", "preretinal_haemorrhage"})
_WHOLE = frozenset({"seed", "icdr", "size_px"})
_CHOICES: Mapping[str, type[StrEnum]] = {
    "eye": Eye,
    "field": FundusField,
    "neovascularisation": Neovascularisation,
}


def parse_spec(params: Mapping[str, Any]) -> FundusSpec:
    """Read a specification from JSON values; raises FundusSpecError naming the field."""
    known = {field.name for field in fields(FundusSpec)}
    for name in params:
        if name not in known:
            raise FundusSpecError(name)
    for name in ("seed", "eye", "field"):
        if name not in params:
            raise FundusSpecError(name)
    return FundusSpec(**{name: _parse(name, value) for name, value in params.items()})


def _parse(name: str, value: Any) -> Any:
    if name in _CHOICES:
        return _choice(name, value)
    if name in _SWITCHES:
        return _switch(name, value)
    return _number(name, value)


def _choice(name: str, value: Any) -> StrEnum:
    try:
        return _CHOICES[name](value)
    except ValueError as error:
        raise FundusSpecError(name) from error


def _switch(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise FundusSpecError(name)
    return value


def _number(name: str, value: Any) -> float:
    whole = name in _WHOLE
    if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
        raise FundusSpecError(name)
    low, high = _LIMITS.get(name, (0.0, 1.0))
    if not low <= value <= high:
        raise FundusSpecError(name)
    return value if whole else float(value)

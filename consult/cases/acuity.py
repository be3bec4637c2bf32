"""Visual acuity in both notations in use: five-mark (5分记录) and decimal (小数)."""

import enum
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import RefusedError


class AcuityNotation(enum.StrEnum):
    """How the acuity was written down."""

    FIVE_MARK = "five_mark"
    DECIMAL = "decimal"
    LOW_VISION = "low_vision"


class LowVision(enum.StrEnum):
    """What is left below the chart: counting fingers, hand motion, light, no light."""

    CF = "CF"
    HM = "HM"
    LP = "LP"
    NLP = "NLP"


# GB/T 11533-2011: the lines of the standard chart. L = 5 + lg V, the decimal is printed rounded.
_CHART: Final[Mapping[Decimal, Decimal]] = MappingProxyType(
    {
        Decimal(five): Decimal(decimal)
        for five, decimal in (
            ("4.0", "0.1"),
            ("4.1", "0.12"),
            ("4.2", "0.15"),
            ("4.3", "0.2"),
            ("4.4", "0.25"),
            ("4.5", "0.3"),
            ("4.6", "0.4"),
            ("4.7", "0.5"),
            ("4.8", "0.6"),
            ("4.9", "0.8"),
            ("5.0", "1.0"),
            ("5.1", "1.2"),
            ("5.2", "1.5"),
            ("5.3", "2.0"),
        )
    }
)
_LOWEST_DECIMAL: Final = Decimal("0.1")
_HIGHEST_DECIMAL: Final = Decimal("2.0")
_FIVE_MARK: Final = re.compile(r"[0-9]\.[0-9]")
_DECIMAL: Final = re.compile(r"[0-9](\.[0-9]{1,2})?")
_FULL_WIDTH: Final = {0xFF10 + digit: 0x30 + digit for digit in range(10)} | {0xFF0E: 0x2E}


@dataclass(frozen=True, slots=True)
class Acuity:
    """One eye's acuity as it was written: notation and value, never the converted one."""

    notation: AcuityNotation
    value: str

    def as_json(self) -> dict[str, str]:
        """The pair as it is stored."""
        return {"notation": self.notation.value, "value": self.value}


def parse_acuity(notation: str, text: str, *, field: str = "acuity") -> Acuity:
    """The acuity behind what was typed; raises RefusedError naming the field."""
    value = text.translate(_FULL_WIDTH).strip()
    match notation:
        case AcuityNotation.FIVE_MARK:
            return _parse_five_mark(value, field=field)
        case AcuityNotation.DECIMAL:
            return _parse_decimal(value, field=field)
        case AcuityNotation.LOW_VISION if value.upper() in LowVision.__members__:
            return Acuity(AcuityNotation.LOW_VISION, value.upper())
        case AcuityNotation.LOW_VISION:
            raise RefusedError("acuity-low-vision-unknown", field=field)
        case _:
            raise RefusedError("acuity-notation-unknown", field=field)


def as_five_mark(acuity: Acuity) -> Decimal | None:
    """The five-mark value, L = 5 + lg V, to one place; None below the chart."""
    match acuity.notation:
        case AcuityNotation.FIVE_MARK:
            return Decimal(acuity.value)
        case AcuityNotation.DECIMAL:
            return (5 + Decimal(acuity.value).log10()).quantize(Decimal("0.1"))
        case AcuityNotation.LOW_VISION:
            return None


def as_decimal(acuity: Acuity) -> Decimal | None:
    """The decimal value as the chart prints it for the line; None below the chart."""
    match acuity.notation:
        case AcuityNotation.FIVE_MARK:
            return _CHART[Decimal(acuity.value)]
        case AcuityNotation.DECIMAL:
            return Decimal(acuity.value)
        case AcuityNotation.LOW_VISION:
            return None


def _parse_five_mark(value: str, *, field: str) -> Acuity:
    # A mark below 4.0 (3.0 is often typed for 0.3 or 4.3) is no line of the chart.
    if _FIVE_MARK.fullmatch(value) is None or Decimal(value) not in _CHART:
        raise RefusedError("acuity-five-mark-out-of-range", field=field, low="4.0", high="5.3")
    return Acuity(AcuityNotation.FIVE_MARK, value)


def _parse_decimal(value: str, *, field: str) -> Acuity:
    known = _DECIMAL.fullmatch(value) is not None
    if not known or not _LOWEST_DECIMAL <= Decimal(value) <= _HIGHEST_DECIMAL:
        raise RefusedError("acuity-decimal-out-of-range", field=field, low="0.1", high="2.0")
    return Acuity(AcuityNotation.DECIMAL, value)

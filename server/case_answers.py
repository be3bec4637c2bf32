"""What the controls of a case form send, as the answers that the rules check."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from consult.cases.acuity import AcuityNotation, LowVision

# The two notations do not overlap, so a number tells which one it is (U16).
_LOWEST_FIVE_MARK = Decimal(4)
_NOT_KNOWN = frozenset({"unknown", "not_measured"})


def read_controls(answers: Mapping[str, object], not_known: Mapping[str, str]) -> dict[str, object]:
    """The answers with 不详 and 未查 in their place, and each acuity with its notation."""
    read = {
        key: _acuity(value) if isinstance(value, Mapping) else value
        for key, value in answers.items()
    }
    return {**read, **{key: code for key, code in not_known.items() if code in _NOT_KNOWN}}


def _acuity(told: Mapping[object, object]) -> dict[str, object]:
    """A choice below the chart or 未查 counts; else the number says its own notation."""
    notation, value = str(told.get("notation") or ""), str(told.get("value") or "").strip()
    rest = {key: part for key, part in told.items() if key not in {"notation", "value"}}
    if notation in LowVision.__members__:
        notation, value = AcuityNotation.LOW_VISION, notation
    elif not notation and value:
        notation = _notation_of(value)
    return {**{str(key): part for key, part in rest.items()}, "notation": notation, "value": value}


def _notation_of(value: str) -> AcuityNotation:
    if value.upper() in LowVision.__members__:
        return AcuityNotation.LOW_VISION
    try:
        number = Decimal(value)
    except InvalidOperation:
        return AcuityNotation.DECIMAL
    is_five_mark = number.is_finite() and number >= _LOWEST_FIVE_MARK - 1
    return AcuityNotation.FIVE_MARK if is_five_mark else AcuityNotation.DECIMAL

"""Turn results into JSON: numbers rounded, tuples to lists."""

from dataclasses import fields
from enum import Enum
from typing import Any, Final

_DECIMALS: Final = 3


def plain(result: Any) -> dict[str, Any]:
    """Return the fields of a frozen dataclass as JSON values."""
    return {field.name: _value(getattr(result, field.name)) for field in fields(result)}


def _value(found: Any) -> Any:
    if isinstance(found, float):
        return round(found, _DECIMALS)
    if isinstance(found, tuple):
        return [_value(part) for part in found]
    return found.value if isinstance(found, Enum) else found

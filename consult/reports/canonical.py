"""The one byte sequence of a report's content: what is hashed, signed and verified.

Stricter than RFC 8785: no fractions at all, text in Unicode normal form C, keys in the order of
their code points. Two contents that read the same have the same bytes.
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Final

from consult.kernel.errors import ConsultError

_LARGEST_WHOLE: Final = 2**53 - 1  # what every JSON reader keeps exactly (RFC 8259 section 6)


class NotCanonicalError(ConsultError):
    """The content holds something that has no single byte sequence; `key` is its place."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__("not-canonical", key=key, why=why)
        self.key = key


def canonical_json(content: Mapping[str, object]) -> bytes:
    """The content as UTF-8 JSON without blanks; raises NotCanonicalError."""
    settled = _settle(content, "")
    text = json.dumps(settled, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode()


def _settle(value: object, place: str) -> object:
    match value:
        case None | bool():
            return value
        case str():
            return _settle_text(value, place)
        case int() if abs(value) <= _LARGEST_WHOLE:
            return int(value)
        case Mapping():
            return _settle_mapping(value, place)
        case list() | tuple():
            return [_settle(item, f"{place}.{number}") for number, item in enumerate(value)]
        case _:
            raise NotCanonicalError(place, f"{type(value).__name__} has no canonical form")


def _settle_text(text: str, place: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise NotCanonicalError(place, "half of a surrogate pair") from None
    return unicodedata.normalize("NFC", str(text))


def _settle_mapping(mapping: Mapping[object, object], place: str) -> dict[str, object]:
    settled: dict[str, object] = {}
    for key, value in mapping.items():
        if not isinstance(key, str):
            raise NotCanonicalError(place, "a key that is no text")
        name = _settle_text(str(key), place)
        if name in settled:
            raise NotCanonicalError(f"{place}.{name}", "one key twice")
        settled[name] = _settle(value, f"{place}.{name}".removeprefix("."))
    return settled

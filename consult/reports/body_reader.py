"""Reads a report's content out of plain JSON values and notes what is wrong instead of stopping."""

import enum
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from consult.kernel.errors import Fact, FieldProblem
from consult.reports.lesions import CODE

LONGEST_TEXT: Final = 4000
_LONGEST_KEY: Final = 64

_Code = TypeVar("_Code", bound=enum.StrEnum)


@dataclass(frozen=True, slots=True)
class BodyReader:
    """Reads values out of a mapping and notes what is wrong instead of stopping."""

    values: Mapping[str, object]
    place: str
    problems: list[FieldProblem] = field(default_factory=list)

    def below(self, key: str) -> "BodyReader":
        """The table below a key; an absent one is empty."""
        value = self.values.get(key)
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            self.note(key, "field-malformed")
            value = {}
        return BodyReader(value, f"{self.place}{key}.", self.problems)

    def only(self, known: set[str]) -> None:
        """Note every key that nobody knows."""
        for key in self.values:
            if key not in known:
                self.note(str(key)[:_LONGEST_KEY], "field-unknown")

    def text(self, key: str) -> str:
        """A text as it is kept, without what cannot be printed."""
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or any(_is_unprintable(letter) for letter in value):
            self.note(
                key, "text-forbidden-character" if isinstance(value, str) else "field-malformed"
            )
            return ""
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if len(text) > LONGEST_TEXT:
            self.note(key, "field-too-long", limit=LONGEST_TEXT)
        return text

    def texts(self, key: str, *, most: int, longest: int) -> tuple[str, ...]:
        """A list of short texts, each once."""
        values = self._list(key)
        if len(values) > most:
            self.note(key, "too-many", most=most)
            return ()
        if not all(isinstance(value, str) and 0 < len(value) <= longest for value in values):
            self.note(key, "field-malformed")
            return ()
        return tuple(dict.fromkeys(str(value) for value in values))

    def whole(self, key: str, *, low: int, high: int) -> int | None:
        """A whole number within its bounds."""
        value = self.values.get(key)
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value) if len(value.strip()) <= len(str(high)) else high + 1
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.note(key, "field-malformed")
        elif not low <= value <= high:
            self.note(key, "out-of-range", low=low, high=high)
        else:
            return value
        return None

    def code(self, key: str, kind: type[_Code]) -> _Code | None:
        """A member of one of our enumerations."""
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.note(key, "field-malformed")
            return None
        found = {code.value: code for code in kind}.get(value)
        if found is None:
            self.note(key, "field-not-a-choice")
        return found

    def codes(self, key: str, kind: type[_Code]) -> tuple[_Code, ...]:
        """Members of an enumeration, in its order."""
        known = {code.value: code for code in kind}
        values = [str(value) for value in self._list(key)]
        if not all(value in known for value in values):
            self.note(key, "field-not-a-choice")
        return tuple(code for code in kind if code.value in values)

    def note(self, key: str, code: str, **facts: Fact) -> None:
        """Write down what is wrong with a field."""
        self.problems.append(FieldProblem(f"{self.place}{key}", code, facts))

    def children(self, key: str, *, most: int) -> list[tuple[str, "BodyReader"]]:
        """The tables below a key, each with its code; what is null says nothing."""
        found = self.below(key)
        codes = [str(code) for code, value in found.values.items() if value is not None]
        if len(codes) > most:
            self.note(key, "too-many", most=most)
            return []
        wrong = [code for code in codes if CODE.fullmatch(code) is None]
        if wrong:
            self.note(f"{key}.{wrong[0][:_LONGEST_KEY]}", "field-unknown")
            return []
        return [(code, found.below(code)) for code in codes]

    def _list(self, key: str) -> list[object]:
        value = self.values.get(key)
        if value is None or value == "":
            return []
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list | tuple):
            self.note(key, "field-malformed")
            return []
        return list(value)


def _is_unprintable(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\t"

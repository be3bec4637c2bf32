"""Rule sets and forms are data: this reads a mapping (from TOML) and names the key that is wrong.

A rule set carries `name`, `version` and `source`, so that every decision can say what decided.
"""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from consult.kernel.errors import ConsultError
from consult.kernel.words import Words

_Code = TypeVar("_Code", bound=enum.StrEnum)


class MalformedRulesError(ConsultError):
    """A rule set does not say what it must; `key` is the dotted place in its file."""

    def __init__(self, key: str, why: str) -> None:
        super().__init__("rules-malformed", key=key, why=why)
        self.key = key
        self.why = why

    def __str__(self) -> str:
        return f"{self.key}: {self.why}"


@dataclass(frozen=True, slots=True)
class RuleTable:
    """A table of a rule file that knows its place, so that every refusal names the key."""

    values: Mapping[str, object]
    place: str = ""

    def at(self, key: str) -> str:
        """The dotted place of a key."""
        return f"{self.place}.{key}" if self.place else key

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self.values

    def only(self, *keys: str) -> None:
        """Refuse any key that the reader does not know: a misspelt rule must not vanish."""
        for key in self.values:
            if key not in keys:
                raise self.wrong(key, "unknown key")

    def wrong(self, key: str, why: str) -> MalformedRulesError:
        """The refusal of one key of this table."""
        return MalformedRulesError(self.at(key), why)

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self._value(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "must be a text")
        return value

    def text_or_none(self, key: str) -> str | None:
        """A text, or nothing where the key is absent."""
        return self.text(key) if self.has(key) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts without repeats; an absent key is an empty list."""
        values = tuple(self._list(key))
        if not all(isinstance(value, str) and value for value in values):
            raise self.wrong(key, "must be a list of texts")
        if len(set(values)) != len(values):
            raise self.wrong(key, "says one thing twice")
        return tuple(str(value) for value in values)

    def flag(self, key: str) -> bool:
        """True or false, said outright."""
        value = self._value(key)
        if not isinstance(value, bool):
            raise self.wrong(key, "must be true or false")
        return value

    def flag_or_false(self, key: str) -> bool:
        """True only where the file says so."""
        return self.flag(key) if self.has(key) else False

    def whole(self, key: str, *, lowest: int = 0) -> int:
        """A whole number, not below `lowest`."""
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int) or value < lowest:
            raise self.wrong(key, f"must be a whole number from {lowest}")
        return value

    def whole_or_none(self, key: str, *, lowest: int = 0) -> int | None:
        """A whole number, or nothing where the key is absent."""
        return self.whole(key, lowest=lowest) if self.has(key) else None

    def waits(self, key: str) -> tuple[timedelta, ...]:
        """How long is waited before each further try: at least one, in seconds."""
        waits = [
            timedelta(seconds=each)
            for each in self._list(key)
            if isinstance(each, int) and not isinstance(each, bool) and each >= 1
        ]
        if not waits or len(waits) < len(self._list(key)):
            raise self.wrong(key, "must be a list of seconds")
        return tuple(waits)

    def span(self, key: str) -> tuple[int, int]:
        """Two whole numbers, the lower first."""
        values = self._list(key)
        match values:
            case [int(low), int(high)] if 0 <= low <= high:
                return low, high
            case _:
                raise self.wrong(key, "must be two whole numbers, the lower first")

    def number_or_none(self, key: str) -> Decimal | None:
        """An exact number, or nothing where the key is absent."""
        if not self.has(key):
            return None
        value = self._value(key)
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise self.wrong(key, "must be a number")
        return Decimal(str(value))

    def code(self, key: str, kind: type[_Code]) -> _Code:
        """A member of one of our enumerations."""
        return self._code(key, self._value(key), kind)

    def codes(self, key: str, kind: type[_Code]) -> tuple[_Code, ...]:
        """Members of one of our enumerations; an absent key is an empty list."""
        return tuple(self._code(key, text, kind) for text in self.texts(key))

    def table(self, key: str) -> "RuleTable":
        """A table below this one."""
        value = self._value(key)
        if not isinstance(value, Mapping):
            raise self.wrong(key, "must be a table")
        return RuleTable(value, self.at(key))

    def tables(self, key: str) -> tuple["RuleTable", ...]:
        """The tables of a list, each with its number in its place; an absent key is none."""
        found = []
        for number, value in enumerate(self._list(key)):
            if not isinstance(value, Mapping):
                raise self.wrong(f"{key}.{number}", "must be a table")
            found.append(RuleTable(value, self.at(f"{key}.{number}")))
        return tuple(found)

    def children(self, key: str) -> tuple[tuple[str, "RuleTable"], ...]:
        """The named tables below a key."""
        table = self.table(key)
        return tuple((name, table.table(name)) for name in table.values)

    def words(self, key: str) -> Words:
        """One sentence in Chinese and English."""
        table = self.table(key)
        table.only("zh", "en")
        return Words(zh=table.text("zh"), en=table.text("en"))

    def _value(self, key: str) -> object:
        if key not in self.values:
            raise self.wrong(key, "is missing")
        return self.values[key]

    def _list(self, key: str) -> Sequence[object]:
        value = self.values.get(key, [])
        if not isinstance(value, list | tuple):
            raise self.wrong(key, "must be a list")
        return value

    def _code(self, key: str, value: object, kind: type[_Code]) -> _Code:
        try:
            return kind(str(value))
        except ValueError:
            raise self.wrong(key, f"'{value}' is no {kind.__name__}") from None

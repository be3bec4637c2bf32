"""How long a case is kept, and by which rule: data of config/retention.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from consult.cases.consent import add_months
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words

_MONTHS_IN_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A class of records, at least how many years it is kept, and who says so."""

    years: int
    words: Words
    law: Words

    def until(self, start_on: date) -> date:
        """The first day on which it need not be kept any more."""
        return add_months(start_on, self.years * _MONTHS_IN_YEAR)


@dataclass(frozen=True, slots=True)
class Retention:
    """The periods of a case; that of its record counts from its closing."""

    version: str
    record: Period
    process: Period


def parse_retention(values: Mapping[str, Any]) -> Retention:
    """Read the rule file."""
    table = RuleTable(values)
    table.only("name", "version", "source", "record", "process")
    table.text("name")
    table.text("source")
    return Retention(
        version=table.text("version"),
        record=_period(table.table("record")),
        process=_period(table.table("process")),
    )


def _period(table: RuleTable) -> Period:
    table.only("years", "words", "law")
    return Period(table.whole("years", lowest=1), table.words("words"), table.words("law"))

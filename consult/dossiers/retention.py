"""How long a case is kept, and by which rule: data of config/retention.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from consult.cases.consent import add_months
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words
from consult.rooms.recordings.period import KeepingRule

_MONTHS_IN_YEAR: Final = 12
_RECORD: Final = "record"
_PROCESS: Final = "process"


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
    """The periods of a case, which count from its closing, and the rule by which recordings go."""

    version: str
    record: Period
    process: Period
    recordings: KeepingRule

    @property
    def of_recordings(self) -> Period:
        """The class that recordings belong to."""
        return self.record if self.recordings.code == _RECORD else self.process


def parse_retention(values: Mapping[str, Any]) -> Retention:
    """Read the rule file."""
    table = RuleTable(values)
    table.only("name", "version", "source", "record", "process", "recordings")
    table.text("name")
    table.text("source")
    version = table.text("version")
    periods = {name: _period(table.table(name)) for name in (_RECORD, _PROCESS)}
    return Retention(
        version=version,
        record=periods[_RECORD],
        process=periods[_PROCESS],
        recordings=_recordings(table.table("recordings"), version, periods),
    )


def _recordings(table: RuleTable, version: str, periods: Mapping[str, Period]) -> KeepingRule:
    table.only("class", "deleted", "told_days")
    code = table.text("class")
    if code not in periods:
        raise table.wrong("class", "is no class of this file")
    return KeepingRule(
        code=code,
        version=version,
        years=periods[code].years,
        told_days=table.whole("told_days", lowest=1),
        is_deleted=table.flag("deleted"),
    )


def _period(table: RuleTable) -> Period:
    table.only("years", "words", "law")
    return Period(table.whole("years", lowest=1), table.words("words"), table.words("law"))

"""How long a recording is kept, and when it goes: the rule is data, the reckoning is pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from consult.cases.consent import add_months

_MONTHS_IN_YEAR = 12


@dataclass(frozen=True, slots=True)
class KeepingRule:
    """The retention class of recordings (config/retention.toml).

    Whoever may read of the case is told `told_days` before a recording goes; one that `is_deleted`
    is false for stays for good.
    """

    code: str
    version: str
    years: int
    told_days: int
    is_deleted: bool

    def until(self, start_on: date) -> date:
        """The first day on which a recording need not be kept any more."""
        return add_months(start_on, self.years * _MONTHS_IN_YEAR)

    def told_on(self, until: date) -> date:
        """The day from which it is told that a recording goes."""
        return until - timedelta(days=self.told_days)

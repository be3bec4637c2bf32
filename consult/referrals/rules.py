"""By when a referred patient should be seen, and when the referral office is warned."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from consult.kernel.rules import RuleTable
from consult.referrals.copying import CopyRules, parse_copying
from consult.referrals.criteria import Assessment, ReferralRules
from consult.reports.model import ReferralUrgency


@dataclass(frozen=True, slots=True)
class SalvageRules:
    """How a missed visit is followed up: how soon, and how often before a patient is lost."""

    within: timedelta
    least_calls: int
    least_days: int


@dataclass(frozen=True, slots=True)
class Periods:
    """The periods of config/referrals.toml; `criteria` names the rule set used by default.

    `answer_within`: how soon the office has a time for a patient whom it books itself.
    """

    version: str
    criteria: str
    soon_days: int
    within_days: Mapping[ReferralUrgency, int]
    answer_within: Mapping[ReferralUrgency, timedelta]
    salvage: SalvageRules
    copying: CopyRules


@dataclass(frozen=True, slots=True)
class BookingRules:
    """What a referral is held against."""

    criteria: ReferralRules
    periods: Periods


def parse_periods(mapping: Mapping[str, object]) -> Periods:
    """The periods of config/referrals.toml; every urgency must be there."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "criteria", "soon_days"),
        *("within_days", "answer_hours", "salvage", "his_copy"),
    )
    below, hours = table.table("within_days"), table.table("answer_hours")
    below.only(*ReferralUrgency)
    hours.only(*ReferralUrgency)
    return Periods(
        version=table.text("version"),
        criteria=table.text("criteria"),
        soon_days=table.whole("soon_days", lowest=1),
        within_days=MappingProxyType({code: below.whole(code) for code in ReferralUrgency}),
        answer_within=MappingProxyType(
            {code: timedelta(hours=hours.whole(code, lowest=1)) for code in ReferralUrgency}
        ),
        salvage=_parse_salvage(table.table("salvage")),
        copying=parse_copying(table.table("his_copy")),
    )


def _parse_salvage(table: RuleTable) -> SalvageRules:
    table.only("within_days", "least_calls", "least_days")
    least_days = table.whole("least_days", lowest=1)
    return SalvageRules(
        within=timedelta(days=table.whole("within_days")),
        least_calls=table.whole("least_calls", lowest=least_days),
        least_days=least_days,
    )


def due_on(
    periods: Periods, assessment: Assessment, *, urgency: ReferralUrgency, today: date
) -> date:
    """The day by which the patient should be seen: the shorter of urgency and criteria."""
    days = periods.within_days[urgency]
    if assessment.referral_within_days is not None:
        days = min(days, assessment.referral_within_days)
    return today + timedelta(days=days)

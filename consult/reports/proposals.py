"""What one key puts into a report once the rule has an outcome, where nothing was said yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consult.kernel.rules import RuleTable
from consult.kernel.words import Words
from consult.reports.grading import OutcomeRank, OutcomeRules
from consult.reports.model import ReferralNeed, ReferralUrgency
from consult.reports.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Follows:
    """What a form says of the patient for one rank; without an urgency the reader chooses it."""

    advice: Words
    referral_urgency: ReferralUrgency | None


@dataclass(frozen=True, slots=True)
class Proposal:
    """Advice, the least need for referral that the rule allows, and how soon; in months."""

    advice: Words
    referral_need: ReferralNeed
    referral_urgency: ReferralUrgency | None
    interval_months: int | None


def propose(
    follows: Mapping[OutcomeRank, Follows], rules: OutcomeRules, outcome: Outcome
) -> Proposal | None:
    """What follows from an outcome; None where the form says nothing of its rank.

    The interval is the longest that the rule allows, and is said only where no referral is.
    """
    said = follows.get(outcome.rank)
    if said is None:
        return None
    need = rules.least_need[outcome.rank]
    stays = need is ReferralNeed.NONE
    return Proposal(
        advice=said.advice,
        referral_need=need,
        referral_urgency=None if stays else said.referral_urgency,
        interval_months=outcome.max_interval_months if stays else None,
    )


def parse_follows(table: RuleTable) -> Mapping[OutcomeRank, Follows]:
    """The part `proposed` of a form; a rank that it does not name has none."""
    table.only(*OutcomeRank)
    ranks = [rank for rank in OutcomeRank if table.has(rank)]
    return MappingProxyType({rank: _parse(table.table(rank)) for rank in ranks})


def _parse(table: RuleTable) -> Follows:
    table.only("advice", "referral_urgency")
    urgency = None
    if table.has("referral_urgency"):
        urgency = table.code("referral_urgency", ReferralUrgency)
    return Follows(advice=table.words("advice"), referral_urgency=urgency)

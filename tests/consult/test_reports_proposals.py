"""What one key puts into a report follows from the rule, and says no more than it."""

import pytest

from consult.reports.forms import parse_report_form
from consult.reports.grading import OutcomeRank, parse_outcome_rules
from consult.reports.model import EyeReading, ReferralNeed, ReferralUrgency
from consult.reports.outcome import find_outcome
from consult.reports.proposals import propose
from tests.makers.readings import graded, ungradable
from tests.makers.rulebooks import read_config

RULES = parse_outcome_rules(read_config("grading.toml"))
SCREENING = parse_report_form(read_config("report_forms/screening_read.toml"))


@pytest.mark.parametrize(
    ("worse", "need", "urgency", "months"),
    [
        (graded(1), ReferralNeed.NONE, None, 12),
        (graded(2), ReferralNeed.REFER, ReferralUrgency.ROUTINE, None),
        (graded(4), ReferralNeed.URGENT, None, None),
        (ungradable(), ReferralNeed.NONE, None, 6),
    ],
)
def test_a_screening_form_proposes_the_least_that_the_rule_allows(
    worse: EyeReading, need: ReferralNeed, urgency: ReferralUrgency | None, months: int | None
) -> None:
    outcome = find_outcome(RULES, right=worse, left=graded(0))
    proposed = propose(SCREENING.proposed, RULES, outcome)
    assert proposed is not None
    assert (proposed.referral_need, proposed.referral_urgency) == (need, urgency)
    assert proposed.interval_months == months
    assert proposed.advice.zh
    assert proposed.advice.en


def test_how_soon_an_urgent_patient_is_seen_is_said_by_the_reader_alone() -> None:
    assert SCREENING.proposed[OutcomeRank.URGENT].referral_urgency is None


def test_a_form_that_says_nothing_of_a_rank_proposes_nothing() -> None:
    form = parse_report_form(read_config("report_forms/remote_consultation.toml"))
    outcome = find_outcome(RULES, right=graded(4), left=graded(0))
    assert propose(form.proposed, RULES, outcome) is None

"""The criteria of referral (C6), each with its source and version."""

import itertools

import pytest

from consult.kernel.eyes import Eye, EyeStatus
from consult.referrals.criteria import Meets, ReferralRules, assess, parse_referral_rules
from consult.reports.model import Dme
from tests.makers.readings import graded, ungradable, unread
from tests.makers.rulebooks import config_names, read_config

ALL = [parse_referral_rules(read_config(name)) for name in config_names("referral_rules")]
BY_NAME = {rules.name: rules for rules in ALL}
ADA = BY_NAME["ada-2017"]
ABSENT = unread(EyeStatus.ABSENT)


@pytest.mark.parametrize(
    ("name", "icdr", "meets", "days", "months"),
    [
        ("ada-2017", 0, Meets.DOES_NOT_MEET, None, (12, 24)),
        ("ada-2017", 1, Meets.DOES_NOT_MEET, None, (12, 12)),
        ("ada-2017", 2, Meets.MEETS, 180, (6, 9)),
        ("ada-2017", 3, Meets.MEETS, 0, (3, 6)),
        ("ada-2017", 4, Meets.MEETS, 0, (3, 3)),
        ("ico", 0, Meets.DOES_NOT_MEET, None, (12, 24)),
        ("ico", 1, Meets.DOES_NOT_MEET, None, (6, 12)),
        ("ico", 2, Meets.MEETS, 180, (3, 6)),
        ("ico", 3, Meets.MEETS, 90, (1, 3)),
        ("ico", 4, Meets.MEETS, 30, (1, 1)),
        ("nhs-local", 0, Meets.DOES_NOT_MEET, None, (12, 12)),
        ("nhs-local", 1, Meets.DOES_NOT_MEET, None, (12, 12)),
        ("nhs-local", 2, Meets.DOES_NOT_MEET, None, (3, 9)),
        ("nhs-local", 3, Meets.MEETS, 91, (3, 9)),
        ("nhs-local", 4, Meets.MEETS, 14, (1, 3)),
    ],
)
def test_each_grade_follows_its_column(
    name: str,
    icdr: int,
    meets: Meets,
    days: int | None,
    months: tuple[int, int],
) -> None:
    rules = BY_NAME[name]
    found = assess(rules, {Eye.RIGHT: graded(icdr), Eye.LEFT: ABSENT})
    assert found.meets is meets
    assert (found.referral_within_days, found.follow_up_months) == (days, months)
    assert (found.rule_name, found.rule_version, found.rule_source) == (
        rules.name,
        rules.version,
        rules.source,
    )
    assert {reason.eye for reason in found.reasons} == {Eye.RIGHT}


def test_a_macular_oedema_meets_whatever_the_grade() -> None:
    suspected = assess(ADA, {Eye.RIGHT: graded(0, Dme.SUSPECTED), Eye.LEFT: graded()})
    assert (suspected.meets, suspected.referral_within_days) == (Meets.MEETS, 90)
    present = assess(ADA, {Eye.RIGHT: graded(1, Dme.PRESENT), Eye.LEFT: graded()})
    assert (present.meets, present.referral_within_days) == (Meets.MEETS, 0)
    assert present.follow_up_months == (1, 4)


def test_an_ungradable_eye_is_left_open_and_never_waits_a_year() -> None:
    for rules in ALL:
        found = assess(rules, {Eye.RIGHT: graded(), Eye.LEFT: ungradable()})
        assert found.meets is Meets.CANNOT_TELL
        assert found.follow_up_months is not None
        assert found.follow_up_months[1] <= 6


def test_two_absent_eyes_say_nothing() -> None:
    found = assess(ADA, {Eye.RIGHT: ABSENT, Eye.LEFT: ABSENT})
    assert (found.meets, found.reasons, found.follow_up_months) == (Meets.CANNOT_TELL, (), None)


@pytest.mark.parametrize("rules", ALL, ids=lambda rules: rules.name)
def test_a_worse_grade_never_waits_longer(rules: ReferralRules) -> None:
    order = list(Meets)
    for dme in Dme:
        for better, worse in itertools.pairwise(range(5)):
            one = assess(rules, {Eye.RIGHT: graded(better, dme), Eye.LEFT: graded()})
            two = assess(rules, {Eye.RIGHT: graded(worse, dme), Eye.LEFT: graded()})
            assert order.index(two.meets) <= order.index(one.meets)
            assert one.follow_up_months is not None
            assert two.follow_up_months is not None
            assert two.follow_up_months[1] <= one.follow_up_months[1]
            if one.referral_within_days is not None:
                assert two.referral_within_days is not None
                assert two.referral_within_days <= one.referral_within_days

"""Reading the rules of second reading and of review, and drawing their samples."""

from collections.abc import Collection, Mapping
from typing import Final

from consult.cases.model import Case, Priority, ServiceType
from consult.kernel.rules import RuleTable
from consult.kernel.work import Work
from consult.reports.grading import OutcomeRank
from consult.reports.model import Dme, ReferralUrgency
from consult.reports.second.matters import Content, Matter, SecondRules
from consult.reports.second.review import ReviewRules

_PURPOSE: Final = "second reading sample"
_REVIEW_PURPOSE: Final = "report review sample"
_PARTS: Final = 10_000
_HIGHEST_GRADE: Final = 4
_ALL: Final = 100


def parse_second_rules(mapping: Mapping[str, object]) -> SecondRules:
    """The rules; a share above a hundred and a grade beyond the scale are refused."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "on_for"),
        *("abnormal", "sample", "at_once", "disagreement"),
    )
    abnormal, sample = table.table("abnormal"), table.table("sample")
    at_once, differing = table.table("at_once"), table.table("disagreement")
    abnormal.only("from_icdr", "outcomes", "dme")
    sample.only("percent")
    at_once.only("outcomes", "priorities", "referral_urgencies")
    differing.only("icdr_steps", "matters")
    from_icdr = abnormal.whole("from_icdr", lowest=1)
    if from_icdr > _HIGHEST_GRADE:
        raise abnormal.wrong("from_icdr", "must be at most 4")
    return SecondRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        on_for=frozenset(table.codes("on_for", ServiceType)),
        from_icdr=from_icdr,
        outcomes=frozenset(abnormal.codes("outcomes", OutcomeRank)),
        dme=frozenset(abnormal.codes("dme", Dme)),
        sample_percent=_share(sample),
        at_once=frozenset(at_once.codes("outcomes", OutcomeRank)),
        at_once_priorities=frozenset(at_once.codes("priorities", Priority)),
        at_once_urgencies=frozenset(at_once.codes("referral_urgencies", ReferralUrgency)),
        icdr_steps=differing.whole("icdr_steps", lowest=1),
        matters=frozenset(differing.codes("matters", Matter)),
    )


def parse_review_rules(mapping: Mapping[str, object], *, titles: Collection[str]) -> ReviewRules:
    """The rules of review; a title that nobody can have and a share above a hundred are refused."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "on_for"), *("trainee", "high_risk", "sample", "at_once")
    )
    trainee, risk = table.table("trainee"), table.table("high_risk")
    sample, at_once = table.table("sample"), table.table("at_once")
    trainee.only("titles")
    risk.only("outcomes", "referral_urgencies")
    sample.only("percent")
    at_once.only("outcomes", "priorities", "referral_urgencies")
    named = frozenset(trainee.texts("titles"))
    if not named <= frozenset(titles):
        raise trainee.wrong("titles", "must be titles of the terms")
    return ReviewRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        on_for=frozenset(table.codes("on_for", ServiceType)),
        titles=named,
        outcomes=frozenset(risk.codes("outcomes", OutcomeRank)),
        referral_urgencies=frozenset(risk.codes("referral_urgencies", ReferralUrgency)),
        sample_percent=_share(sample),
        at_once=frozenset(at_once.codes("outcomes", OutcomeRank)),
        at_once_priorities=frozenset(at_once.codes("priorities", Priority)),
        at_once_urgencies=frozenset(at_once.codes("referral_urgencies", ReferralUrgency)),
    )


def is_chosen(work: Work, case: Case, content: Content, *, rules: SecondRules) -> bool:
    """Whether another physician reads this case before anything is released.

    A report without eyes has nothing in which these rules could see a difference.
    """
    if content["outcome"] is None:
        return False
    if case.service_type not in rules.on_for or rules.waits_not(case, content):
        return False
    return rules.is_abnormal(content) or is_sampled(work, case.id, percent=rules.sample_percent)


def is_reviewed(work: Work, case: Case, content: Content, *, rules: ReviewRules) -> bool:
    """Whether a reviewer sees this report before it is released."""
    if case.service_type not in rules.on_for or rules.waits_not(case, content):
        return False
    return rules.asks(content) or is_sampled(
        work, case.id, percent=rules.sample_percent, purpose=_REVIEW_PURPOSE
    )


def is_sampled(work: Work, case_id: str, *, percent: int, purpose: str = _PURPOSE) -> bool:
    """Whether a case is drawn; the same case always falls the same way for one purpose."""
    drawn = int(work.vault.blind(case_id, purpose=purpose)[:12], 16) % _PARTS
    return drawn < percent * _PARTS // _ALL


def _share(sample: RuleTable) -> int:
    percent = sample.whole("percent")
    if percent > _ALL:
        raise sample.wrong("percent", "must be at most 100")
    return percent

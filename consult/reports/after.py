"""What follows a decision, and a version that changes what was decided on (U5, PAT-06)."""

from consult.cases.model import Case
from consult.kernel.work import Work
from consult.reports.after_rules import AfterRules
from consult.reports.recalls.planning import plan_after_change, plan_recall
from consult.reports.tellings.opening import open_after_change, open_telling
from consult.reports.versions import Report


def follow_on(work: Work, case: Case, report: Report, *, rules: AfterRules) -> None:
    """The patient is to be told of this version, and is waited for as it asks."""
    open_telling(work, case, report, rules=rules.tellings)
    plan_recall(work, case, report, rules=rules.recalls)


def follow_change(work: Work, case: Case, report: Report, *, rules: AfterRules) -> None:
    """A version that amends or retracts is told anew, and moves or ends the recall."""
    open_after_change(work, case, report, rules=rules.tellings)
    plan_after_change(work, case, report, rules=rules.recalls)

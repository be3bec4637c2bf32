"""What a referral is filled with before anybody types: report, criteria, urgency, day (REF-01)."""

import json
from dataclasses import dataclass
from datetime import date

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.referrals.criteria import Assessment, assess
from consult.referrals.errors import NotForReferralError
from consult.referrals.rules import BookingRules, due_on
from consult.reports import service as reports
from consult.reports.body import parse_body
from consult.reports.model import ReferralUrgency, ReportBody
from consult.reports.versions import NextStep, Report


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the newest report says of a referral, and what the criteria say of its readings."""

    case: Case
    report: Report
    body: ReportBody
    assessment: Assessment
    urgency: ReferralUrgency
    due_on: date

    @property
    def reason(self) -> str:
        """Impression and advice of the report, as the letter's first words."""
        return "\n".join(text for text in (self.body.impression, self.body.advice) if text)


def propose(work: Work, *, case_id: str, rules: BookingRules) -> Proposal:
    """The proposal for a case that was decided for referral; raises NotForReferralError."""
    case = cases.get_case(work, case_id)
    versions = reports.list_reports(work, case.id)
    if not versions or not versions[0].is_opinion or not is_for_referral(work, case):
        raise NotForReferralError(case.id)
    report = versions[0]
    body = body_of(report)
    assessment = assess(rules.criteria, {eye: body.reading(eye) for eye in Eye})
    urgency = body.referral_urgency or ReferralUrgency.ROUTINE
    today = organisations.today_at(work, case.institution_id)
    return Proposal(
        case=case,
        report=report,
        body=body,
        assessment=assessment,
        urgency=urgency,
        due_on=due_on(rules.periods, assessment, urgency=urgency, today=today),
    )


def is_for_referral(work: Work, case: Case) -> bool:
    """Whether the inviting physician's newest decision is to refer, and nothing followed yet."""
    if case.status not in {CaseStatus.ACKNOWLEDGED, CaseStatus.REFERRING}:
        return False
    decisions = reports.list_decisions(work, case.id)
    return bool(decisions) and decisions[0].next_step is NextStep.REFER


def body_of(report: Report) -> ReportBody:
    """The structured content of a signed version."""
    return parse_body(json.loads(report.canonical)["body"])

"""Cases that are read twice: rules that ask for it, more readers, and what each of them writes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from consult.cases.model import Case, ServiceType
from consult.kernel.work import Actor, Role
from consult.reports.body import body_as_json
from consult.reports.model import ReferralNeed, ReferralUrgency, ReportBody
from consult.reports.seal import Seal
from consult.reports.second.matters import SecondRules
from consult.reports.second.review import ReviewRules
from consult.reports.versions import Report
from tests.makers.consortium import Consortium
from tests.makers.readings import graded
from tests.makers.reports import (
    claim,
    full_body,
    look_at_all,
    report_rules,
    show,
    sign,
    write,
)
from tests.makers.returns import add_person


def rules_on(**changes: Any) -> SecondRules:
    """The rules of config/, for diagnoses, and without a sample of normal readings."""
    told: Mapping[str, Any] = {
        "on_for": frozenset({ServiceType.REMOTE_DIAGNOSIS}),
        "sample_percent": 0,
        **changes,
    }
    return replace(report_rules(ServiceType.REMOTE_DIAGNOSIS).second, **told)


def review_on(**changes: Any) -> ReviewRules:
    """The rules of review in config/, for diagnoses of physicians in training alone."""
    told: Mapping[str, Any] = {
        "on_for": frozenset({ServiceType.REMOTE_DIAGNOSIS}),
        "titles": frozenset({"attending_physician"}),
        "outcomes": frozenset(),
        "sample_percent": 0,
        **changes,
    }
    return replace(report_rules(ServiceType.REMOTE_DIAGNOSIS).review, **told)


def more_reader(world: Consortium, login: str = "meng", *, reviews: bool = False) -> Actor:
    """One more physician on the panel; one who reviews may settle differences."""
    person = add_person(world, login, Role.EXPERT, at=world.lead_id)
    roles = person.roles | ({Role.REVIEWER} if reviews else set())
    return replace(person, panel_ids=world.expert.panel_ids, roles=roles)


def content_of_body(body: ReportBody, *, rank: str = "follow_up") -> dict[str, Any]:
    """As much of a signed content as rules of second reading look at."""
    return {"body": body_as_json(body), "outcome": {"rank": rank}}


def normal_body(**changes: Any) -> ReportBody:
    """Both eyes clean."""
    told: dict[str, Any] = {
        "left": graded(),
        "diagnoses": ("Z13.5",),
        "impression": "双眼未见明显糖尿病视网膜病变",
        "need": ReferralNeed.NONE,
        "referral_urgency": None,
        "interval_months": 12,
        **changes,
    }
    return full_body(**told)


def urgent_body() -> ReportBody:
    """The left eye has proliferative retinopathy."""
    return full_body(
        need=ReferralNeed.URGENT, left=graded(4), referral_urgency=ReferralUrgency.URGENT
    )


def read(
    world: Consortium,
    case: Case,
    *,
    by: Actor,
    seal: Seal,
    body: ReportBody | None = None,
    rules: SecondRules | None = None,
    revision: int = 0,
    review: ReviewRules | None = None,
) -> Report:
    """Take, look, write and sign under rules that ask for a second reading, or for a review."""
    claim(world, case, by=by)
    look_at_all(world, case, by=by)
    write(world, case, by=by, body=body, revision=revision)
    shown = show(world, case, by=by)
    told = report_rules(case.service_type)
    told = replace(told, review=review) if review else replace(told, second=rules or rules_on())
    return sign(world, case, by=by, shown=shown, seal=seal, rules=told)

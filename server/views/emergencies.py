"""What the pages of openings in an emergency show."""

from dataclasses import dataclass
from datetime import datetime

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.sign_in_rules import EmergencyRules
from consult.reports.emergencies import service as emergencies
from consult.reports.emergencies.model import Emergency
from server.views.sign_in import in_tongue


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """One opening."""

    id: str
    case_id: str
    case_number: str
    person: str
    acting_for: str
    institution: str
    reason: str
    opened_at: datetime
    until: datetime
    is_live: bool
    is_overdue: bool
    is_own: bool
    reviewed_at: datetime | None
    reviewed_by: str
    verdict: str | None


@dataclass(frozen=True, slots=True)
class EmergencyPage:
    """The openings, and what their rules say."""

    rows: tuple[EmergencyLine, ...]
    minutes: int
    review_hours: int
    waiting: int


def make_mine(work: Work, *, tongue: str, rules: EmergencyRules) -> EmergencyPage:
    """What is open to the reader now."""
    return _page(work, emergencies.list_mine(work), tongue, rules)


def make_reviews(work: Work, *, tongue: str, rules: EmergencyRules) -> EmergencyPage:
    """The openings that an administrator looks at."""
    return _page(work, emergencies.list_for_review(work), tongue, rules)


def _page(work: Work, found: list[Emergency], tongue: str, rules: EmergencyRules) -> EmergencyPage:
    people = {each.practitioner_id for each in found}
    people |= {each.reviewed_by_id for each in found if each.reviewed_by_id is not None}
    names = {
        person: in_tongue(tongue, name.name, name.name_en)
        for person, name in practitioners.names_of(work, people).items()
    }
    ids = {each.institution_id for each in found} | {each.acting_institution_id for each in found}
    places = {
        place: in_tongue(tongue, institution.name, institution.name_en)
        for place, institution in organisations.institutions_by_id(work, ids).items()
    }
    rows = tuple(_line(work, each, names, places, rules) for each in found)
    return EmergencyPage(
        rows=rows,
        minutes=int(rules.lasts.total_seconds()) // 60,
        review_hours=int(rules.review_within.total_seconds()) // 3600,
        waiting=sum(row.reviewed_at is None for row in rows),
    )


def _line(
    work: Work,
    found: Emergency,
    names: dict[str, str],
    places: dict[str, str],
    rules: EmergencyRules,
) -> EmergencyLine:
    return EmergencyLine(
        id=found.id,
        case_id=found.case_id,
        case_number=found.case_number,
        person=names.get(found.practitioner_id, ""),
        acting_for=places.get(found.acting_institution_id, ""),
        institution=places.get(found.institution_id, ""),
        reason=found.reason,
        opened_at=found.opened_at,
        until=found.until,
        is_live=found.until > work.now,
        is_overdue=found.is_overdue(now=work.now, review_within=rules.review_within),
        is_own=found.practitioner_id == work.actor.practitioner_id,
        reviewed_at=found.reviewed_at,
        reviewed_by=names.get(found.reviewed_by_id or "", ""),
        verdict=found.verdict,
    )

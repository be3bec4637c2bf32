"""Who is on leave today."""

from collections.abc import Collection

from consult.calendar.video import offer_store
from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Work
from consult.people.organisations import service as organisations


def away_today(
    work: Work, people: Collection[PractitionerId], *, institution_id: InstitutionId
) -> frozenset[PractitionerId]:
    """Which of these people are on leave from this institution on its present day."""
    today = organisations.today_at(work, institution_id)
    return frozenset(
        leave.expert_id
        for leave in offer_store.list_leaves(work.session, people, on=today)
        if leave.institution_id == institution_id and leave.day_from <= today <= leave.day_until
    )

"""Whoever leaves an institution hands over what she follows up there, with her cases (Q-12)."""

from consult.cases import service_handover as cases_handover
from consult.cases.errors import SuccessorNeededError
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.practitioners import affiliations
from consult.referrals import follow_ups, salvage_store, store
from consult.reports.tellings import service as tellings

MOST_OWNED = 1000


def stop_affiliation(work: Work, *, affiliation_id: str, revision: int) -> PractitionerId:
    """End a person's place and hand over her open cases and follow-ups there, in one unit.

    Raises SuccessorNeededError where nobody else holds the role in which she answers.
    """
    place = affiliations.get_affiliation(work, affiliation_id).institution_id
    person = cases_handover.stop_affiliation(work, affiliation_id=affiliation_id, revision=revision)
    owned = salvage_store.list_owned(
        work.session, owner_id=person, institution_id=place, limit=MOST_OWNED
    )
    untold = tellings.count_owned(work, owner_id=person, institution_id=place)
    heir = follow_ups.heir_of(work, place, besides=person) if owned or untold else None
    if (owned or untold) and heir is None:
        raise SuccessorNeededError(len(owned) + untold)
    known = store.referrals_by_id(work.session, {salvage.referral_id for salvage in owned})
    for salvage in owned:
        if heir is not None:
            referral = known[salvage.referral_id]
            follow_ups.give_to(work, referral, salvage, heir, kind="referral.salvage_rehomed")
    if heir is not None:
        tellings.hand_over(work, owner_id=person, institution_id=place, heir_id=heir)
    return person

"""Finding referrals, and the one place where they take a step.

Opening stands in service_open.py, appointments in service_book.py, the visit in service_desk.py,
ends in service_end.py.
"""

import dataclasses
from datetime import date, datetime
from typing import TypedDict, Unpack

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.cases import service as cases
from consult.cases.model import Case
from consult.cases.service import Said
from consult.journal.rows import kept
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import ClinicId, InstitutionId
from consult.kernel.work import SYSTEM, Role, Work
from consult.referrals import appointment_store, store
from consult.referrals.errors import ReferralChangedError
from consult.referrals.events import referral_entry, referral_ref
from consult.referrals.model import ReferralStatus, RequeueCause, Triage, require_referral_step
from consult.referrals.records import Appointment, Referral, Side, VisitOutcome
from consult.referrals.tables import ReferralRow
from consult.reports.model import ReferralUrgency

LONGEST_LIST = 50


class ReferralChanges(TypedDict, total=False):
    """What a step may change beside status and revision."""

    ended_at: datetime | None
    end_reason: str
    outcome: VisitOutcome | None
    requeued_at: datetime | None
    requeued_because: RequeueCause | None
    was_booked_at: datetime | None
    answer_by: datetime | None
    escalated_at: datetime | None
    accepted_at: datetime | None
    triage: Triage | None
    triage_note: str
    triaged_at: datetime | None
    to_institution_id: InstitutionId | None
    clinic_id: ClinicId | None
    specialty: str
    urgency: ReferralUrgency
    due_on: date


def get_referral(work: Work, referral_id: str) -> Referral:
    """A referral that the actor may see; raises NotFoundError otherwise."""
    policy.require_seen(work, referral_ref(referral_id))
    referral = store.find_referral(work.session, referral_id)
    if referral is None:
        raise NotFoundError
    return referral


def view_referral(work: Work, referral_id: str) -> Referral:
    """As `get_referral`, and the journal says who looked."""
    referral = get_referral(work, referral_id)
    work.journal(referral_entry(referral, "referral.viewed"))
    return referral


def case_of(work: Work, referral: Referral) -> Case:
    """The case behind a referral, for whoever has been let act on the referral.

    The referral outlives the sharing of its case where the consent to that was withdrawn.
    """
    return cases.get_case(behind(work), referral.case_id)


def behind(work: Work) -> Work:
    """The same unit as the house itself sees it, for what a step of a referral needs to know."""
    return Work(work.session, SYSTEM, work.now, work.journal)


def list_referrals(work: Work, case_id: str) -> list[Referral]:
    """The referrals of a case, the newest first."""
    case = cases.get_case(work, case_id)
    return [
        referral
        for referral in store.list_of_case(work.session, case.id, limit=LONGEST_LIST)
        if policy.may_see(work.session, work.actor, referral_ref(referral.id), now=work.now)
    ]


def get_appointment(work: Work, appointment_id: str) -> Appointment:
    """An appointment that the actor may see; raises NotFoundError otherwise."""
    policy.require_seen(work, Ref(ObjectType.APPOINTMENT, appointment_id))
    appointment = appointment_store.find_appointment(work.session, appointment_id)
    if appointment is None:
        raise NotFoundError
    return appointment


def find_appointment(work: Work, referral: Referral) -> Appointment | None:
    """The newest appointment of a referral that the actor was shown."""
    return appointment_store.newest_of(work.session, [referral.id]).get(referral.id)


def require_sides(work: Work, referral: Referral, *among: Side) -> frozenset[Side]:
    """On which of these sides the actor stands; raises NotFoundError where on none.

    Within one hospital a person may hold both offices.
    """
    mine, roles = work.actor.institution_id, work.actor.roles
    stands = {
        Side.INVITING: mine == referral.institution_id and Role.REQUESTING_PHYSICIAN in roles,
        Side.DESK: mine == referral.to_institution_id and Role.REFERRAL_DESK in roles,
    }
    found = frozenset(side for side in among or Side if stands[side])
    if not found:
        raise NotFoundError
    return found


def require_revision(referral: Referral, revision: int) -> None:
    """Raise ReferralChangedError where the page was drawn from another revision."""
    if referral.revision != revision:
        raise ReferralChangedError(referral.id)


def move(
    work: Work,
    before: Referral,
    to: ReferralStatus,
    *,
    kind: str,
    said: Said | None = None,
    live_key: str | None = None,
    **changes: Unpack[ReferralChanges],
) -> Referral:
    """Move a referral to a status and journal `kind`; raises where it has moved on already.

    `live_key` is the new one of a referral that goes to another specialty.
    """
    if to is not before.status:
        require_referral_step(before.id, have=before.status, want=to)
    after = dataclasses.replace(before, status=to, revision=before.revision + 1, **changes)
    store.save_step(work.session, before, after, live_key=live_key)
    words = said or Said()
    codes = {"from": before.status, **words.codes, **kept(work, ReferralRow, after.id)}
    work.journal(referral_entry(after, kind, codes=codes, words=words.words))
    return after

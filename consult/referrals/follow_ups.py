"""Follow-ups as other steps begin and end them: a missed visit opens one, a booking closes it."""

import dataclasses

from consult.cases.model import Case
from consult.cases.service import Said
from consult.journal.rows import kept
from consult.kernel.errors import Fact
from consult.kernel.ids import PractitionerId, SalvageId, new_id
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.referrals import salvage_store
from consult.referrals.events import referral_entry
from consult.referrals.records import Appointment, Referral
from consult.referrals.rules import BookingRules
from consult.referrals.salvage import OUTCOME_AFTER, Salvage
from consult.referrals.tables import SalvageRow


def open_after(
    work: Work, referral: Referral, missed: Appointment, *, case: Case, rules: BookingRules
) -> Salvage:
    """Begin the follow-up of a missed visit, with one person of the inviting side."""
    asked = case.requesting_physician_id or referral.requested_by_id
    today = organisations.today_at(work, referral.institution_id)
    salvage = Salvage(
        id=SalvageId(new_id()),
        referral_id=referral.id,
        appointment_id=missed.id,
        case_id=referral.case_id,
        patient_id=referral.patient_id,
        institution_id=referral.institution_id,
        owner_id=heir_of(work, referral.institution_id, wish=asked) or asked,
        opened_at=work.now,
        due_on=today + rules.periods.salvage.within,
        outcome=None,
        note="",
        closed_at=None,
        closed_by_id=None,
        revision=1,
    )
    salvage_store.save_new(work.session, salvage)
    tell(
        work,
        referral,
        salvage,
        "referral.salvage_opened",
        said=Said(codes={"appointment": missed.id, "due_on": salvage.due_on.isoformat()}),
    )
    return salvage


def close_after(work: Work, referral: Referral, *, note: str = "") -> None:
    """The open follow-up of a referral that was booked or has ended has its outcome."""
    salvage = salvage_store.find_open(work.session, referral.id)
    if salvage is None:
        return
    outcome = OUTCOME_AFTER[referral.status]
    after = dataclasses.replace(
        salvage,
        outcome=outcome,
        note=note,
        closed_at=work.now,
        closed_by_id=work.actor.practitioner_id,
        revision=salvage.revision + 1,
    )
    salvage_store.save_step(work.session, salvage, after)
    said = Said(codes={"outcome": outcome}, words={"note": note} if note else {})
    tell(work, referral, after, "referral.salvage_closed", said=said)


def give_to(
    work: Work, referral: Referral, salvage: Salvage, owner_id: PractitionerId, *, kind: str
) -> Salvage:
    """Another person of the same side has it from now on."""
    after = dataclasses.replace(salvage, owner_id=owner_id, revision=salvage.revision + 1)
    salvage_store.save_step(work.session, salvage, after)
    tell(work, referral, after, kind, said=Said(codes={"left": salvage.owner_id}))
    return after


def heir_of(
    work: Work, institution_id: str, *, wish: str = "", besides: str = ""
) -> PractitionerId | None:
    """Who follows up at an institution: the person wished for, else the first who may."""
    found = affiliations.list_people_with_role(work, institution_id, Role.REQUESTING_PHYSICIAN)
    able = [each.practitioner_id for each in found if each.practitioner_id != besides]
    return next((each for each in able if each == wish), able[0] if able else None)


def tell(work: Work, referral: Referral, salvage: Salvage, kind: str, *, said: Said) -> None:
    """A line on the timeline of the case; `owner` is who has the follow-up."""
    codes: dict[str, Fact] = {"salvage": salvage.id, "owner": salvage.owner_id, **said.codes}
    codes |= kept(work, SalvageRow, salvage.id)
    work.journal(referral_entry(referral, kind, codes=codes, words=said.words))

"""Opening a referral: filled from the report, with the criteria and the patient's consent."""

from datetime import datetime

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.calendar import service as calendar
from consult.calendar.clinics import Clinic
from consult.cases import service as cases
from consult.cases.consents import service as consents
from consult.cases.images import service as images
from consult.cases.model import Case, CaseStatus, require_case_step
from consult.cases.service import Said
from consult.journal.rows import kept
from consult.kernel.errors import Fact, RefusedError
from consult.kernel.ids import PractitionerId, ReferralId, new_id
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.practitioners import affiliations
from consult.referrals import one_live, store
from consult.referrals.errors import (
    DeskMissingError,
    IdentityPendingError,
    ReferralConsentNeededError,
)
from consult.referrals.events import referral_entry, referral_ref, why_granted
from consult.referrals.model import ReferralStatus
from consult.referrals.proposal import Proposal, propose
from consult.referrals.records import Referral, ReferralRequest, store_assessment
from consult.referrals.rules import BookingRules, due_on
from consult.referrals.service import behind
from consult.referrals.tables import ReferralRow
from consult.reports import service as reports
from consult.reports.model import ReferralUrgency

LONGEST_REASON = 2000


def open_referral(
    work: Work, *, case_id: str, wish: ReferralRequest, rules: BookingRules
) -> Referral:
    """Refer the patient of a decided case to a clinic; the hospital's desk is accountable then.

    Raises ReferralLiveError with the live one, ReferralConsentNeededError, IdentityPendingError.
    """
    case = cases.get_own_case(work, case_id)
    one_live.require_none_of_case(work, case.id)
    proposal = propose(work, case_id=case_id, rules=rules)
    require_case_step(proposal.case, want=CaseStatus.REFERRING)
    _require_ready(work, proposal.case, wish)
    clinic = calendar.get_clinic(work, wish.clinic_id)
    live_key = one_live.require_none_live(work, case, clinic.facts.department)
    desk_id = desk_person(work, clinic)
    referral = make_referral(work, proposal, clinic, wish=wish, rules=rules)
    save_new(work, referral, kind="referral.requested", live_key=live_key)
    open_to_desk(work, referral)
    cases.step(
        work,
        proposal.case,
        CaseStatus.REFERRING,
        kind="case.referring",
        owner_id=desk_id,
        said=Said(codes={"referral": referral.id, "number": referral.number}),
    )
    return referral


def make_referral(
    work: Work,
    proposal: Proposal,
    clinic: Clinic | None,
    *,
    wish: ReferralRequest,
    rules: BookingRules,
) -> Referral:
    """The referral as it begins, with what the criteria say today; no clinic: none was asked."""
    case = proposal.case
    today = organisations.today_at(work, case.institution_id)
    number = store.next_number(work.session, f"ZZ{today:%Y%m%d}")
    return Referral(
        id=ReferralId(new_id()),
        number=f"ZZ{today:%Y%m%d}-{number:04d}",
        case_id=case.id,
        patient_id=case.patient_id,
        report_id=proposal.report.id,
        institution_id=case.institution_id,
        to_institution_id=None if clinic is None else clinic.institution_id,
        clinic_id=None if clinic is None else clinic.id,
        specialty="" if clinic is None else clinic.facts.department,
        urgency=wish.urgency,
        reason=wish.reason.strip(),
        assessment=store_assessment(proposal.assessment, words=rules.criteria.words),
        due_on=due_on(rules.periods, proposal.assessment, urgency=wish.urgency, today=today),
        status=ReferralStatus.REQUESTED,
        requested_by_id=work.actor.person,
        requested_at=work.now,
        ended_at=None,
        end_reason="",
        outcome=None,
        requeued_at=None,
        requeued_because=None,
        was_booked_at=None,
        answer_by=answer_by(work, clinic, urgency=wish.urgency, rules=rules),
        escalated_at=None,
        accepted_at=None,
        triage=None,
        triage_note="",
        triaged_at=None,
        revision=1,
    )


def save_new(work: Work, referral: Referral, *, kind: str, live_key: str | None) -> None:
    """Write a new referral, held by the inviting institution."""
    one_live.save_first(work, referral, live_key=live_key)
    access.keep(
        work,
        referral_ref(referral.id),
        custodian=(Party.INSTITUTION, referral.institution_id),
    )
    assessment = referral.assessment
    codes: dict[str, Fact] = {
        "to": referral.to_institution_id,
        "clinic": referral.clinic_id,
        "report": referral.report_id,
        "urgency": referral.urgency,
        "due_on": referral.due_on.isoformat(),
        "meets": assessment.meets,
        "rule": assessment.rule_name,
        "rule_version": assessment.rule_version,
        "answer_by": None if referral.answer_by is None else referral.answer_by.isoformat(),
        **kept(work, ReferralRow, referral.id),
    }
    work.journal(referral_entry(referral, kind, codes=codes, words={"reason": referral.reason}))


def answer_by(
    work: Work, clinic: Clinic | None, *, urgency: ReferralUrgency, rules: BookingRules
) -> datetime | None:
    """Until when the office has a time, where it books in the hospital's own system."""
    if clinic is None or not clinic.is_by_request:
        return None
    return work.now + rules.periods.answer_within[urgency]


def _require_ready(work: Work, case: Case, wish: ReferralRequest) -> None:
    if not wish.consent:
        raise ReferralConsentNeededError
    if not wish.reason.strip():
        raise RefusedError("field-missing", field="reason")
    if len(wish.reason) > LONGEST_REASON:
        raise RefusedError("field-too-long", field="reason", limit=LONGEST_REASON)
    patient = patients.get_patient(work, case.patient_id)
    if patient.is_pending:
        raise IdentityPendingError(patient.id)


def desk_person(work: Work, clinic: Clinic) -> PractitionerId:
    """Who answers for a referral to this clinic; raises DeskMissingError where nobody would."""
    found = affiliations.list_people_with_role(work, clinic.institution_id, Role.REFERRAL_DESK)
    if not found:
        raise DeskMissingError
    return found[0].practitioner_id


def open_to_desk(work: Work, referral: Referral) -> None:
    """Grant the hospital the referral, and the patient, case, reports and studies it needs."""
    if referral.to_institution_id == referral.institution_id:
        return
    to = (Party.INSTITUTION, str(referral.host_id))
    access.grant(work, referral_ref(referral.id), to=to, why="referral")
    for ref in (
        Ref(ObjectType.PATIENT, referral.patient_id),
        *_shared_with_case(behind(work), referral),
    ):
        access.grant(work, ref, to=to, why=why_granted(referral.id))


def _shared_with_case(work: Work, referral: Referral) -> list[Ref]:
    """Case, reports and studies, while the patient's consent to sharing them holds (U17)."""
    consents.hold_consents(work, patient_id=referral.patient_id)
    today = organisations.today_at(work, referral.institution_id)
    told = {"patient_id": referral.patient_id, "case_id": referral.case_id}
    if consents.live_consent(work, **told, on=today) is None:
        return []
    return [
        Ref(ObjectType.CASE, referral.case_id),
        *(reports.report_ref(each.id) for each in reports.list_reports(work, referral.case_id)),
        *(Ref(ObjectType.STUDY, each) for each in images.studies_of(work, referral.case_id)),
    ]

"""Recording a patient's consent, finding the one that holds, and withdrawing it."""

from datetime import date

from consult.access import policy
from consult.cases import service as cases
from consult.cases import sharing
from consult.cases.consent import Consent, check_consent
from consult.cases.consent_rules import ConsentRules, ConsentScope
from consult.cases.consents import store
from consult.cases.consents.model import RecordedConsent
from consult.cases.consents.tables import ConsentRow
from consult.cases.events import patient_ref
from consult.cases.model import NEXT_STATUS, Case, CaseStatus
from consult.cases.recognition import ending
from consult.cases.returns import service as returns
from consult.journal.rows import kept
from consult.kernel.errors import FieldProblem, FormRefusedError, NotFoundError, RefusedError
from consult.kernel.ids import CaseId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients

_MOST_CONSENTS = 100
_MOST_CASES = 1000
_LONGEST_REASON = 500
_TICKS = "items."


def record_consent(
    work: Work, *, patient_id: str, case_id: str | None, consent: Consent, rules: ConsentRules
) -> RecordedConsent:
    """Keep what was signed; raises FormRefusedError with everything that is missing.

    A tick that was not given is recorded as not given: it stops the submission, not the record.
    """
    policy.require_own(work, patient_ref(patient_id))
    patient = patients.get_patient(work, patient_id)
    case = None if case_id is None else _case_of(work, case_id, patient_id=patient_id)
    today = organisations.today_at(work, work.actor.institution)
    problems = check_consent(rules, consent, patient_birth_on=patient.birth_on, today=today)
    problems = [problem for problem in problems if not problem.field.startswith(_TICKS)]
    if not consent.items:
        problems.insert(0, FieldProblem("items", "consent-without-ticks"))
    if consent.scope is ConsentScope.SINGLE and case is None:
        problems.append(FieldProblem("scope", "single-consent-needs-case"))
    if problems:
        raise FormRefusedError(problems)
    recorded = RecordedConsent(
        id=new_id(),
        patient_id=patient.id,
        case_id=None if case is None else case.id,
        consent=consent,
        text_version=rules.version,
        recorded_at=work.now,
        recorded_by_id=work.actor.person,
        withdrawn_at=None,
        withdrawn_reason=None,
    )
    store.save_new(work, recorded)
    _journal(work, recorded, "consent.recorded")
    return recorded


def live_consent(
    work: Work, *, patient_id: str, case_id: str | None, on: date
) -> RecordedConsent | None:
    """The newest consent that holds on this date for this case; policy is the caller's question."""
    found = store.list_of_patient(work, patient_id, limit=_MOST_CONSENTS)
    return next((consent for consent in found if consent.covers(case_id, on=on)), None)


def hold_consents(work: Work, *, patient_id: str) -> None:
    """Let no consent of this patient be withdrawn before the unit ends that rests on one."""
    store.hold(work, patient_id)


def list_consents(work: Work, *, patient_id: str) -> list[RecordedConsent]:
    """A patient's consents, newest first."""
    policy.require_seen(work, patient_ref(patient_id))
    return store.list_of_patient(work, patient_id, limit=_MOST_CONSENTS)


def withdraw_consent(work: Work, *, consent_id: str, reason: str) -> RecordedConsent:
    """End a consent: sharing stops in this very unit, the record stays (U17).

    Cases that are not answered yet are withdrawn, since nobody could read them any more.
    """
    before = _get_own(work, consent_id)
    store.hold_for_withdrawal(work, before.patient_id)
    if not reason.strip():
        raise RefusedError("field-missing", field="reason")
    if len(reason) > _LONGEST_REASON:
        raise RefusedError("field-too-long", field="reason", limit=_LONGEST_REASON)
    store.save_withdrawal(work, consent_id, reason=reason)
    _journal(work, before, "consent.withdrawn", words={"reason": reason})
    today = organisations.today_at(work, work.actor.institution)
    for case in cases.list_of_patient(work, before.patient_id, limit=_MOST_CASES):
        if live_consent(work, patient_id=case.patient_id, case_id=case.id, on=today) is None:
            _stop_sharing(work, case)
    return _get_own(work, consent_id)


def _stop_sharing(work: Work, case: Case) -> None:
    if case.status is CaseStatus.DRAFT:
        ending.give_up_all(work, case)
        return
    if CaseStatus.WITHDRAWN in NEXT_STATUS[case.status]:
        said = cases.Said(reason="consent_withdrawn")
        cases.step(work, case, CaseStatus.WITHDRAWN, kind="case.withdrawn", said=said)
        returns.end_withdrawn(work, case.id)
    ending.end_as_source(work, case)
    ending.end_of_case(work, case)
    sharing.close_to_all(work, case)


def _case_of(work: Work, case_id: str, *, patient_id: str) -> Case:
    case = cases.get_own_case(work, case_id)
    if case.patient_id != patient_id:
        raise NotFoundError
    return case


def _get_own(work: Work, consent_id: str) -> RecordedConsent:
    found = store.find_consent(work, consent_id)
    if found is None:
        raise NotFoundError
    policy.require_own(work, patient_ref(found.patient_id))
    return found


def _journal(
    work: Work, recorded: RecordedConsent, kind: str, *, words: dict[str, str] | None = None
) -> None:
    consent = recorded.consent
    codes = {
        "scope": consent.scope,
        "items": " ".join(sorted(consent.items)),
        "signer": consent.signer,
        "method": consent.method,
        "text_version": recorded.text_version,
        **kept(work, ConsentRow, recorded.id),
    }
    case_id: CaseId | None = recorded.case_id
    said = words or ({"signer_name": consent.signer_name} if consent.signer_name else {})
    work.journal(
        Entry(
            kind,
            "consent",
            recorded.id,
            codes=codes,
            words=said,
            case_id=case_id,
            patient_id=recorded.patient_id,
        )
    )

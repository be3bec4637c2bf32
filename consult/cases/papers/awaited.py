"""已签纸质: which consents are on paper, and whose photograph is still to come (U17)."""

from consult.access import policy
from consult.cases.consent import Consent
from consult.cases.consent_rules import ConsentRules
from consult.cases.consents import service as consents
from consult.cases.consents.model import RecordedConsent
from consult.cases.events import patient_ref
from consult.cases.papers import awaited_store as store
from consult.cases.papers.model import Awaited, PaperRules
from consult.kernel.ids import CaseId
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations

_MOST_OF_ONE = 100


def record_consent(
    work: Work,
    *,
    patient_id: str,
    case_id: str | None,
    consent: Consent,
    rules: ConsentRules,
    papers: PaperRules,
) -> RecordedConsent:
    """Record a consent; of one that was signed on paper, a photograph is due from now on.

    Raises FormRefusedError with everything that is missing.
    """
    recorded = consents.record_consent(
        work, patient_id=patient_id, case_id=case_id, consent=consent, rules=rules
    )
    if recorded.case_id is not None:
        store.delete_of_case(work.session, recorded.case_id)
    if consent.method in papers.signed_on_paper:
        _await(work, recorded, papers)
    return recorded


def list_due(work: Work, *, rules: PaperRules) -> list[Awaited]:
    """Whose photographs are due at the acting institution, the most urgent first."""
    return store.list_due(work.session, work.actor.institution, limit=rules.most_listed)


def count_due(work: Work) -> int:
    """How many photographs are due at the acting institution."""
    return store.count_due(work.session, work.actor.institution)


def find_due(work: Work, *, patient_id: str, case_id: CaseId) -> Awaited | None:
    """The consent that a photograph in this case would show: its own, else one for several cases.

    The caller has asked policy about the case.
    """
    found = store.list_of_patient(work.session, patient_id, limit=_MOST_OF_ONE)
    own = [each for each in found if each.case_id == case_id]
    return next(iter(own), None) or _find_for_several(work, patient_id, found)


def _find_for_several(work: Work, patient_id: str, found: list[Awaited]) -> Awaited | None:
    if not found:
        return None
    policy.require_own(work, patient_ref(patient_id))
    today = organisations.today_at(work, work.actor.institution)
    recorded = consents.list_consents(work, patient_id=patient_id)
    # a consent for one case alone covers no other
    covering = {each.id for each in recorded if each.covers(None, on=today)}
    return next((each for each in found if each.consent_id in covering), None)


def _await(work: Work, recorded: RecordedConsent, papers: PaperRules) -> None:
    today = organisations.today_at(work, work.actor.institution)
    awaited = Awaited(recorded.id, recorded.patient_id, recorded.case_id, today + papers.due)
    store.save_awaited(work.session, awaited, institution_id=work.actor.institution)
    work.journal(
        Entry(
            "consent.photograph_due",
            "consent",
            recorded.id,
            codes={"due_on": awaited.due_on.isoformat()},
            case_id=recorded.case_id,
            patient_id=recorded.patient_id,
        )
    )

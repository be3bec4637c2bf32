"""What the clinic does in the demonstration: register, ask, receive, decide."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from consult.cases import service as cases
from consult.cases import service_draft, service_end, service_submit
from consult.cases.consent import Consent
from consult.cases.consent_rules import ConsentItem, ConsentScope, Signer, SigningMethod
from consult.cases.consents import service as consents
from consult.cases.model import ServiceType
from consult.kernel.work import Role, Work
from consult.people.organisations.model import DEFAULT_ZONE
from consult.people.patients import service as patients
from consult.people.patients.documents import DocumentKind
from consult.people.patients.model import ContactRelation, PatientForm
from consult.people.patients.registration import PatientRules
from consult.reports import service as reports
from consult.reports import service_decide
from consult.reports.service_decide import Decided
from consult.reports.versions import Choice, NextStep
from server.demo.answers import answers_of
from server.demo.case_model import CasePlan
from server.demo.model import PatientPlan
from server.demo.stage import Scene
from server.demo.telling_acts import tell_in_person

REGISTERS: Final = Role.REQUESTING_PHYSICIAN
_PROGRAMME: Final = timedelta(days=364)
_RELATIONS: Final = {
    "本人": ContactRelation.SELF,
    "配偶": ContactRelation.SPOUSE,
    "子女": ContactRelation.CHILD,
}


def register(work: Work, plan: PatientPlan, *, rules: PatientRules) -> str:
    """Register a patient; says the id."""
    is_known = plan.document_kind is not DocumentKind.NONE
    form = PatientForm(
        name=plan.name,
        document_kind=plan.document_kind,
        document_number=plan.document_number if is_known else "",
        sex=plan.sex,
        birth_on=plan.birth_on,
        phone=plan.phone,
        phone_relation=_RELATIONS[plan.phone_relation],
    )
    return str(patients.register_patient(work, form=form, rules=rules).id)


def open_case(work: Work, scene: Scene) -> None:
    """Open a draft, look at it as the browser does, and fill in the form."""
    plan, rules = scene.case, scene.stage.rules.cases
    case = service_draft.open_case(
        work,
        patient_id=scene.stage.patient_ids[plan.patient],
        service_type=plan.service,
        panel_id=scene.world.panels[plan.panel],
        rules=rules,
    )
    scene.stage.case_ids[plan.key] = case.id
    cases.open_case_page(work, case.id)
    year = work.now.astimezone(ZoneInfo(DEFAULT_ZONE)).year
    service_draft.save_answers(
        work,
        case_id=case.id,
        revision=case.revision,
        answers=answers_of(plan, rules.forms[plan.service], year=year),
        question=None,
        rules=rules,
    )


def consent(work: Work, scene: Scene) -> None:
    """Record what the patient signed on paper."""
    case = cases.get_case(work, scene.case_id)
    today = work.now.astimezone(ZoneInfo(DEFAULT_ZONE)).date()
    is_programme = scene.case.service is ServiceType.SCREENING_READ
    signed = Consent(
        items=frozenset({ConsentItem.TELEMEDICINE, ConsentItem.DATA_SHARING}),
        scope=ConsentScope.PROGRAMME if is_programme else ConsentScope.SINGLE,
        signer=Signer.SELF,
        method=SigningMethod.PAPER,
        signed_on=today,
        valid_until_on=today + _PROGRAMME if is_programme else None,
        cost_fen=_cost_fen(scene, scene.case),
        relation="",
        signer_name="",
        signer_document="",
        power_of_attorney="",
        witness_name="",
        adult_reason="",
    )
    consents.record_consent(
        work,
        patient_id=case.patient_id,
        case_id=case.id,
        consent=signed,
        rules=scene.stage.rules.cases.consent,
    )


def submit(work: Work, scene: Scene) -> None:
    """Send the case to its panel."""
    case = cases.get_case(work, scene.case_id)
    service_submit.submit_case(
        work, case_id=case.id, revision=case.revision, rules=scene.stage.rules.cases
    )


def cancel(work: Work, scene: Scene) -> None:
    """Give up the draft."""
    case, reason = cases.get_case(work, scene.case_id), scene.case.reason or ""
    service_draft.cancel_case(work, case_id=case.id, revision=case.revision, reason=reason)


def withdraw(work: Work, scene: Scene) -> None:
    """Take the case back."""
    case, reason = cases.get_case(work, scene.case_id), scene.case.reason or ""
    service_end.withdraw_case(work, case_id=case.id, revision=case.revision, reason=reason)


def acknowledge(work: Work, scene: Scene) -> None:
    """Read the report and confirm its receipt."""
    report = reports.list_reports(work, scene.case_id)[0]
    reports.open_report(work, report.id)
    service_decide.receive_report(work, report_id=report.id)


def decide(work: Work, scene: Scene) -> None:
    """Record the decision; an opinion not followed in full, or no referral, has its reason."""
    plan = scene.case.decision
    if plan is None:
        raise LookupError(scene.case.key)
    newest = reports.list_reports(work, scene.case_id)[0]
    refers_as_asked = plan.next is NextStep.REFER or not service_decide.asks_for_referral(newest)
    in_full = plan.verdict is Choice.ACCEPTED and refers_as_asked
    service_decide.decide_case(
        work,
        case_id=scene.case_id,
        said=Decided(
            plan.verdict,
            plan.next,
            reason="" if in_full else plan.note,
            note=plan.note if in_full else "",
        ),
        rules=scene.stage.rules.after,
    )
    if plan.next is NextStep.CLOSE:
        tell_in_person(work, scene)


def _cost_fen(scene: Scene, case: CasePlan) -> int:
    papers = scene.stage.plan.agreements
    return next(each for each in papers if each.inviting == case.institution).cost_fen[case.service]

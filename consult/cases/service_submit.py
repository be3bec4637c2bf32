"""Submitting a case: everything that is missing is named at once, or it goes out in one unit."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from consult.cases import service as cases
from consult.cases import sharing
from consult.cases.answers import validate_answers
from consult.cases.consents import service as consents
from consult.cases.consents.model import RecordedConsent
from consult.cases.drafts import named_in_form, question_so_far
from consult.cases.errors import SubmitterNotPhysicianError
from consult.cases.images import service as images
from consult.cases.ladder import service as ladder
from consult.cases.model import Case, CaseStatus, require_step
from consult.cases.promise import Promise, make_promise, resume_promise
from consult.cases.recognition import service as recognition
from consult.cases.recognition.model import Exam
from consult.cases.returns import openings as return_openings
from consult.cases.returns import service as returns
from consult.cases.routing import service as routing
from consult.cases.rules import CaseRules
from consult.cases.service_draft import require_agreement, save_answers
from consult.cases.service_urgency import reckoning_of
from consult.cases.working_days import Reckoning
from consult.kernel.errors import FieldProblem, FormRefusedError, NotFoundError, RefusedError
from consult.kernel.ids import AgreementId
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners


@dataclass(frozen=True, slots=True)
class Readiness:
    """What is ready of a draft, and all that still stops it."""

    problems: tuple[FieldProblem, ...]
    consent: RecordedConsent | None
    exams: tuple[Exam, ...] = ()


def submit_case(work: Work, *, case_id: str, revision: int, rules: CaseRules) -> Case:
    """Send a case to its panel, for the first time or again after a return.

    Raises FormRefusedError with every missing thing, SubmitterNotPhysicianError for a photographer.
    """
    case = cases.get_own_case(work, case_id)
    if Role.REQUESTING_PHYSICIAN not in work.actor.roles:
        raise SubmitterNotPhysicianError
    require_step(case.id, have=case.status, want=CaseStatus.SUBMITTED)
    cases.require_revision(case, revision)
    today = organisations.today_at(work, case.institution_id)
    practitioners.require_licensed(work, today)
    consents.hold_consents(work, patient_id=case.patient_id)
    problems = check_readiness(work, case, rules=rules).problems
    if problems:
        raise FormRefusedError(problems)
    form = rules.forms[case.service_type]
    answers = validate_answers(form, case.answers, today=today)
    reckoning = reckoning_of(work, case, rules=rules)
    promise = _promise(work, case, rules=rules, reckoning=reckoning)
    counted = recognition.count_repeats(work, case, book=rules.recognition)
    routed = routing.record_routing(work, case, rules=rules.routing)
    submitted = cases.step(
        work,
        case,
        CaseStatus.SUBMITTED,
        kind="case.submitted",
        said=cases.Said(
            codes={**_promised(work, case, promise, reckoning=reckoning), **counted, **routed}
        ),
        requesting_physician_id=work.actor.person,
        agreement_id=_agreement_id(work, case),
        answers=dict(answers),
        question=question_so_far(form, answers, case.question),
        form_version=form.version,
        submitted_at=case.submitted_at or work.now,
        accept_by=promise.accept_by,
        report_by=promise.report_by,
        retake=False,
    )
    ladder.lay_marks(work, submitted, promise, rules=rules.promises, reckoning=reckoning)
    # No institution triages by hand, so the panel has the case in the same unit (C3).
    assigned = cases.step(work, submitted, CaseStatus.ASSIGNED, kind="case.assigned")
    if case.status is CaseStatus.RETURNED:
        returns.end_resubmitted(work, case, assigned, rules=rules.returns)
        sharing.close_to_invited(work, assigned)
    return _open_to_invited(work, assigned, rules=rules)


def _open_to_invited(work: Work, case: Case, *, rules: CaseRules) -> Case:
    """The invited side sees the case, and whoever waited for its patient waits no more."""
    sharing.open_to_invited(work, case, study_ids=images.studies_of(work, case.id))
    rules.ends_recall(work, case)
    return case


def submit_with_answers(
    work: Work,
    *,
    case_id: str,
    revision: int,
    answers: Mapping[str, object],
    question: str | None,
    rules: CaseRules,
) -> Case:
    """Keep the answers that are on the page, and submit: both in one unit, or neither."""
    saved = save_answers(
        work, case_id=case_id, revision=revision, answers=answers, question=question, rules=rules
    )
    return submit_case(work, case_id=case_id, revision=saved.revision, rules=rules)


def check_readiness(work: Work, case: Case, *, rules: CaseRules) -> Readiness:
    """Everything that stops the submission of this case today, in the order of the page."""
    return _readiness(work, case, rules, _image_problems(work, case, rules))


def look_over(work: Work, case: Case, found: images.ImageSet, *, rules: CaseRules) -> Readiness:
    """The same for a list of drafts: nothing is held, so that uploads to them go on."""
    needs_images = rules.forms[case.service_type].needs_images
    return _readiness(work, case, rules, images.gaps_of(found, needs_images=needs_images))


def _readiness(
    work: Work, case: Case, rules: CaseRules, of_images: list[FieldProblem]
) -> Readiness:
    today = organisations.today_at(work, case.institution_id)
    consent = consents.live_consent(work, patient_id=case.patient_id, case_id=case.id, on=today)
    exams = recognition.offer_exams(work, case, book=rules.recognition)
    problems = [
        *_consent_problems(consent, rules),
        *_answer_problems(case, rules, today=today),
        *of_images,
        *recognition.repeat_problems(work, case, exams=exams, book=rules.recognition),
        *return_openings.open_problems(work, case, form=rules.forms[case.service_type]),
        *_panel_problems(work, case),
        *routing.hub_problems(work, case, rules=rules.routing),
    ]
    return Readiness(tuple(problems), consent, tuple(exams))


def _consent_problems(consent: RecordedConsent | None, rules: CaseRules) -> Iterator[FieldProblem]:
    if consent is None:
        yield FieldProblem("consent", "consent-missing")
        return
    for code, item in rules.consent.items.items():
        if item.blocks and code not in consent.consent.items:
            yield FieldProblem(f"consent.items.{code}", "consent-item-required")


def _answer_problems(case: Case, rules: CaseRules, *, today: date) -> list[FieldProblem]:
    try:
        validate_answers(rules.forms[case.service_type], case.answers, today=today)
    except RefusedError as refusal:
        return named_in_form(rules.forms[case.service_type], refusal)
    return []


def _image_problems(work: Work, case: Case, rules: CaseRules) -> list[FieldProblem]:
    return images.blockers(
        work,
        case=case,
        protocol=rules.protocol_of(case.service_type),
        needs_images=rules.forms[case.service_type].needs_images,
    )


def _panel_problems(work: Work, case: Case) -> Iterator[FieldProblem]:
    if case.panel_id is None:
        yield FieldProblem("panel_id", "field-missing")
        return
    try:
        require_agreement(work, panel_id=case.panel_id, service_type=case.service_type)
    except RefusedError as refusal:
        yield from refusal.problems
        return
    except NotFoundError:
        yield FieldProblem("panel_id", "panel-closed")
        return
    if not organisations.get_panel(work, case.panel_id).member_ids:
        yield FieldProblem("panel_id", "panel-empty")


def _agreement_id(work: Work, case: Case) -> AgreementId | None:
    if case.panel_id is None:
        return None
    return require_agreement(work, panel_id=case.panel_id, service_type=case.service_type).id


def _promise(work: Work, case: Case, *, rules: CaseRules, reckoning: Reckoning) -> Promise:
    """A fresh promise; after a return, what was left of the first one."""
    fresh = make_promise(
        rules.promises, priority=case.priority, submitted_at=work.now, reckoning=reckoning
    )
    back = returns.returns_of(work, [case.id]).get(case.id)
    if back is None or case.accept_by is None or case.report_by is None:
        return fresh
    return resume_promise(
        fresh,
        accept_by=case.accept_by,
        report_by=case.report_by,
        paused_at=back.returned_at,
        resumed_at=work.now,
        reckoning=reckoning,
    )


def _promised(
    work: Work, case: Case, promise: Promise, *, reckoning: Reckoning
) -> Mapping[str, str | None]:
    calendar = reckoning.calendar
    return {
        "service_type": case.service_type,
        "panel": case.panel_id,
        "priority": case.priority,
        "priority_rule": case.priority_rule,
        "priority_version": case.priority_version,
        "accept_by": promise.accept_by.isoformat(),
        "report_by": promise.report_by.isoformat(),
        "promise_version": promise.rule_version,
        "counted": reckoning.basis(work.now, promise.report_by),
        "calendar": None if calendar is None else f"{calendar.name} {calendar.version}",
    }

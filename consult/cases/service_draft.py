"""A case before it is submitted: opened, filled in, given another urgency or service, cancelled."""

from collections.abc import Mapping

from consult.access import policy
from consult.access import service as access
from consult.access.model import Party
from consult.cases import service as cases
from consult.cases import store
from consult.cases.accountable import physician_for
from consult.cases.drafts import (
    LONGEST_QUESTION,
    RED_FLAGS,
    changed_keys,
    preset_question,
    proposed_or_kept,
    question_so_far,
    read_partly,
    read_readable,
    require_reason,
    urgency_of,
    urgency_so_far,
)
from consult.cases.errors import CaseNotDraftError, DraftExistsError
from consult.cases.events import case_entry, case_ref, patient_ref
from consult.cases.model import Case, CaseStatus, Priority, ServiceType
from consult.cases.recognition import ending
from consult.cases.rules import CaseRules
from consult.kernel.errors import FieldProblem
from consult.kernel.ids import CaseId, new_id
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Agreement
from consult.people.patients import service as patients

EDITABLE = frozenset({CaseStatus.DRAFT, CaseStatus.RETURNED})


def open_case(
    work: Work, *, patient_id: str, service_type: ServiceType, panel_id: str, rules: CaseRules
) -> Case:
    """A draft for one's own patient; no agreement that holds today, no case (ID-04).

    A requesting physician answers for it from the first moment, whoever prepares it: raises
    PhysicianMissingError where none works at the institution.
    """
    policy.require_own(work, patient_ref(patient_id))
    patient = patients.get_patient(work, patient_id)
    _require_no_twin(work, patient_id, service_type=service_type)
    agreement = require_agreement(work, panel_id=panel_id, service_type=service_type)
    form = rules.forms[service_type]
    physician = physician_for(work, work.actor.institution)
    panel = organisations.get_panel(work, panel_id)
    case = Case(
        id=CaseId(new_id()),
        number=_next_number(work),
        institution_id=work.actor.institution,
        consortium_id=panel.consortium_id,
        invited_institution_id=panel.institution_id,
        agreement_id=agreement.id,
        panel_id=panel.id,
        patient_id=patient.id,
        service_type=service_type,
        form_version=form.version,
        answers={},
        question=preset_question(form),
        **urgency_so_far(rules.urgency, {}, service_type),
        status=CaseStatus.DRAFT,
        owner_id=physician,
        requesting_physician_id=physician,
        prepared_by_id=work.actor.person,
        opened_at=work.now,
        submitted_at=None,
        accept_by=None,
        report_by=None,
        decided_at=None,
        closed_at=None,
        revision=1,
    )
    store.save_new(work, case)
    access.keep(work, case_ref(case.id), custodian=(Party.INSTITUTION, case.institution_id))
    codes = {"service_type": service_type, "panel": panel.id, "form_version": form.version}
    work.journal(case_entry(case, "case.drafted", codes=codes))
    return case


def save_answers(
    work: Work,
    *,
    case_id: str,
    revision: int,
    answers: Mapping[str, object],
    question: str | None,
    rules: CaseRules,
) -> Case:
    """Keep what has been filled in so far; the urgency follows the red flags.

    Raises FormRefusedError for an answer that cannot be, CaseChangedError for a stale page.
    """
    case = get_draft(work, case_id, revision=revision)
    form = rules.forms[case.service_type]
    today = organisations.today_at(work, case.institution_id)
    kept = read_partly(form, answers, today=today)
    return _keep(work, case, kept, question=question, rules=rules)


def keep_readable(
    work: Work,
    *,
    case_id: str,
    revision: int,
    answers: Mapping[str, object],
    question: str | None,
    rules: CaseRules,
) -> tuple[Case, list[FieldProblem]]:
    """As `save_answers`, but what cannot be read is named and left as it was; the rest is kept.

    Raises CaseChangedError for a stale page.
    """
    case = get_draft(work, case_id, revision=revision)
    form = rules.forms[case.service_type]
    today = organisations.today_at(work, case.institution_id)
    kept, problems, unread = read_readable(form, answers, today=today)
    stays = {key: value for key, value in case.answers.items() if key in unread}
    if question is not None and len(question.strip()) > LONGEST_QUESTION:
        problems.append(FieldProblem("question", "field-too-long", {"limit": LONGEST_QUESTION}))
        question = None
    return _keep(work, case, {**kept, **stays}, question=question, rules=rules), problems


def _keep(
    work: Work, case: Case, kept: Mapping[str, object], *, question: str | None, rules: CaseRules
) -> Case:
    form = rules.forms[case.service_type]
    asked = question_so_far(form, kept, question or case.question)
    changed = changed_keys(case.answers, kept)
    if not changed and (asked, form.version) == (case.question, case.form_version):
        return case
    # The reason for a lesser urgency answered other red flags: it is asked again.
    stands = RED_FLAGS not in changed
    proposed = urgency_so_far(rules.urgency, kept, case.service_type)
    urgency = urgency_of(case) if stands else proposed_or_kept(case, proposed)
    said = cases.Said(codes={"fields": " ".join(changed), "form_version": form.version})
    return cases.change(
        work,
        case,
        kind="case.answers_saved",
        said=said,
        answers=dict(kept),
        question=asked,
        form_version=form.version,
        **urgency,
    )


def override_priority(
    work: Work, *, case_id: str, revision: int, priority: Priority, reason: str
) -> Case:
    """Set another urgency than the rule's, with a reason (Q-03)."""
    case = get_draft(work, case_id, revision=revision)
    words = require_reason(reason)
    said = cases.Said(
        codes={"proposed_by": case.priority_rule, "priority": priority, "before": case.priority},
        words={"reason": words},
    )
    return cases.change(
        work,
        case,
        kind="case.priority_overridden",
        said=said,
        priority=priority,
        priority_override_reason=words,
    )


def change_service(
    work: Work,
    *,
    case_id: str,
    revision: int,
    service_type: ServiceType,
    panel_id: str,
    rules: CaseRules,
) -> Case:
    """Ask for another service or another panel; answers that the new form knows are kept."""
    case = get_draft(work, case_id, revision=revision)
    agreement = require_agreement(work, panel_id=panel_id, service_type=service_type)
    panel = organisations.get_panel(work, panel_id)
    form = rules.forms[service_type]
    known = {question.key for question in form.questions}
    kept = {key: value for key, value in case.answers.items() if key in known}
    proposed = urgency_so_far(rules.urgency, kept, service_type)
    return cases.change(
        work,
        case,
        kind="case.service_changed",
        said=cases.Said(codes={"service_type": service_type, "panel": panel.id}),
        service_type=service_type,
        panel_id=panel.id,
        consortium_id=panel.consortium_id,
        invited_institution_id=panel.institution_id,
        agreement_id=agreement.id,
        form_version=form.version,
        answers=kept,
        question=question_so_far(form, kept, None),
        **proposed_or_kept(case, proposed),
    )


def cancel_case(work: Work, *, case_id: str, revision: int, reason: str) -> Case:
    """Give up a draft; it stays in the record."""
    case = get_draft(work, case_id, revision=revision)
    said = cases.Said(words={"reason": require_reason(reason)})
    after = cases.step(work, case, CaseStatus.CANCELLED, kind="case.cancelled", said=said)
    ending.end_of_case(work, after)
    return after


def get_draft(work: Work, case_id: str, *, revision: int) -> Case:
    """One's own case that may still be edited, as the page showed it."""
    case = cases.get_own_case(work, case_id)
    if case.status not in EDITABLE:
        raise CaseNotDraftError(case.id, case.status)
    cases.require_revision(case, revision)
    return case


def require_agreement(work: Work, *, panel_id: str, service_type: ServiceType) -> Agreement:
    """The agreement that holds at the inviting institution today."""
    inviting_id = work.actor.institution
    return organisations.require_agreement(
        work,
        inviting_id=inviting_id,
        panel_id=panel_id,
        service_type=service_type,
        on=organisations.today_at(work, inviting_id),
    )


def _require_no_twin(work: Work, patient_id: str, *, service_type: ServiceType) -> None:
    """A second press of the button opens no second draft."""
    for case in cases.list_of_patient(work, patient_id):
        if case.status is CaseStatus.DRAFT and case.service_type is service_type:
            raise DraftExistsError(case.id, case.number)


def _next_number(work: Work) -> str:
    day = organisations.today_at(work, work.actor.institution).strftime("%Y%m%d")
    return f"LZ{day}-{store.next_number(work, day):04d}"

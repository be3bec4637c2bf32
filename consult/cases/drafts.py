"""What a draft holds before it is whole: partial answers, the question and the urgency so far."""

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Final, TypedDict

from consult.cases.answers import Answers, validate_answers
from consult.cases.forms import Form, QuestionKind
from consult.cases.model import Case, Priority, ServiceType
from consult.cases.urgency import UrgencyRules, propose_urgency
from consult.kernel.errors import FieldProblem, FormRefusedError, RefusedError

RED_FLAGS: Final = "red_flags"
LONGEST_QUESTION: Final = 1000
LONGEST_REASON: Final = 500
_PRESET_LANGUAGE: Final = "zh-Hans"


class Urgency(TypedDict):
    """The urgency of a case with what decided it."""

    priority: Priority
    priority_rule: str
    priority_version: str
    priority_override_reason: str | None


def read_partly(form: Form, answers: Mapping[str, object], *, today: date) -> Answers:
    """The answers given so far: each must be able to stand, none need be there."""
    try:
        return validate_answers(_none_required(form), answers, today=today)
    except RefusedError as refusal:
        raise FormRefusedError(named_in_form(form, refusal)) from None


def read_readable(
    form: Form, answers: Mapping[str, object], *, today: date
) -> tuple[Answers, list[FieldProblem], frozenset[str]]:
    """The answers that can stand, what is wrong with the others, and which questions those are."""
    partial = _none_required(form)
    try:
        return validate_answers(partial, answers, today=today), [], frozenset()
    except RefusedError as refusal:
        unread = frozenset(each.field for each in refusal.problems)
        readable = {
            each.key: answers[each.key]
            for each in form.questions
            if each.key in answers and each.key not in unread
        }
        kept = validate_answers(partial, readable, today=today)
        return kept, named_in_form(form, refusal), unread


def _none_required(form: Form) -> Form:
    questions = tuple(dataclasses.replace(each, required=False) for each in form.questions)
    return dataclasses.replace(form, questions=questions)


def named_in_form(form: Form, refusal: RefusedError) -> list[FieldProblem]:
    """The problems under the names that the form's controls have."""
    acuities = {each.key for each in form.questions if each.kind is QuestionKind.ACUITY}
    return [
        FieldProblem(
            f"answers.{each.field}.value" if each.field in acuities else f"answers.{each.field}",
            each.code,
            each.facts,
        )
        for each in refusal.problems
    ]


def question_so_far(form: Form, answers: Mapping[str, object], typed: str | None) -> str:
    """What the expert is asked: an answer of the form, else what was typed, else the preset."""
    if form.question_key is not None:
        return str(answers.get(form.question_key, ""))
    question = (typed or "").strip() or preset_question(form)
    if len(question) > LONGEST_QUESTION:
        raise RefusedError("field-too-long", field="question", limit=LONGEST_QUESTION)
    return question


def preset_question(form: Form) -> str:
    """The form's own question; empty where an answer asks it."""
    return form.question_preset.said_in(_PRESET_LANGUAGE) if form.question_preset else ""


def urgency_so_far(
    rules: UrgencyRules, answers: Mapping[str, object], service_type: ServiceType
) -> Urgency:
    """What the rules propose for the red flags ticked so far."""
    proposal = propose_urgency(rules, service_type=service_type, red_flags=flags_in(answers))
    return Urgency(
        priority=proposal.priority,
        priority_rule=proposal.rule_id,
        priority_version=proposal.rule_version,
        priority_override_reason=None,
    )


def urgency_of(case: Case) -> Urgency:
    """The urgency that stands."""
    return Urgency(
        priority=case.priority,
        priority_rule=case.priority_rule,
        priority_version=case.priority_version,
        priority_override_reason=case.priority_override_reason,
    )


def proposed_or_kept(case: Case, proposed: Urgency) -> Urgency:
    """What the rules propose now, unless a person set something more pressing, which stands."""
    pressing = list(Priority)
    is_set = case.priority_override_reason is not None
    if not is_set or pressing.index(case.priority) >= pressing.index(proposed["priority"]):
        return proposed
    return Urgency(
        priority=case.priority,
        priority_rule=proposed["priority_rule"],
        priority_version=proposed["priority_version"],
        priority_override_reason=case.priority_override_reason,
    )


def flags_in(answers: Mapping[str, object]) -> list[str]:
    """The red flags that are ticked."""
    flags = answers.get(RED_FLAGS)
    return [str(flag) for flag in flags] if isinstance(flags, list) else []


def changed_keys(before: Mapping[str, object], after: Mapping[str, object]) -> list[str]:
    """Which answers differ."""
    return sorted(key for key in {*before, *after} if before.get(key) != after.get(key))


def require_reason(text: str) -> str:
    """A reason in words; raises RefusedError for none or an endless one."""
    reason = text.strip()
    if not reason:
        raise RefusedError("field-missing", field="reason")
    if len(reason) > LONGEST_REASON:
        raise RefusedError("field-too-long", field="reason", limit=LONGEST_REASON)
    return reason

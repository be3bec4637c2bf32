"""What a return asks for that the clinic has not answered yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from consult.cases.forms import Form
from consult.cases.model import Case
from consult.cases.protocol import FieldCode
from consult.cases.returns import store
from consult.cases.returns.model import CaseReturn, ItemKind, ReturnItem, Slot
from consult.kernel.errors import FieldProblem
from consult.kernel.eyes import Eye
from consult.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Answered:
    """One line of the list, and whether it is answered; of other things nobody can tell."""

    item: ReturnItem
    is_done: bool
    is_excused: bool = False


def answered(work: Work, case: Case, live: CaseReturn) -> list[Answered]:
    """Each line with what has happened to it since the case came back."""
    fresh = {
        place
        for _id, _instance, place, added_at in store.confirmed_in(work.session, case.id)
        if added_at > live.returned_at
    }
    excused = store.excused_since(work.session, case.id, live.returned_at)
    return [_answered(item, case, fresh=fresh, excused=excused) for item in live.items]


def open_problems(work: Work, case: Case, *, form: Form) -> list[FieldProblem]:
    """What of the live return still stops the case from being sent again."""
    live = store.find_live(work.session, case.id)
    if live is None:
        return []
    known = {question.key for question in form.questions}
    return [
        _problem(each.item)
        for each in answered(work, case, live)
        if not each.is_done and (each.item.kind is not ItemKind.ANSWER or each.item.code in known)
    ]


def _answered(
    item: ReturnItem, case: Case, *, fresh: set[Slot], excused: set[tuple[Eye, FieldCode | None]]
) -> Answered:
    if item.kind is ItemKind.ANSWER:
        return Answered(item, is_done=_is_given(case.answers, item.code))
    if item.place is None:
        return Answered(item, is_done=True)
    if item.place in fresh:
        return Answered(item, is_done=True)
    is_excused = item.eye is not None and bool({(item.eye, item.field), (item.eye, None)} & excused)
    return Answered(item, is_done=is_excused, is_excused=is_excused)


def _is_given(answers: Mapping[str, object], key: str) -> bool:
    return answers.get(key) not in (None, "", [])


def _problem(item: ReturnItem) -> FieldProblem:
    if item.kind is ItemKind.ANSWER:
        return FieldProblem(f"answers.{item.code}", "return-answer-open")
    eye = f"term:eye.{item.eye}" if item.eye is not None else ""
    facts = {"eye": eye, "field": f"term:field_code.{item.field}"}
    return FieldProblem(f"images.{item.eye}.{item.field}", "return-image-open", facts)

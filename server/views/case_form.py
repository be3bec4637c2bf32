"""The form of a service type as controls with words, and its answers as facts to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web

from consult.cases.acuity import Acuity, AcuityNotation, LowVision, as_decimal, as_five_mark
from consult.cases.forms import YES_NO_UNKNOWN, Form, Question, QuestionKind
from consult.cases.model import Case
from server.keys import RULES
from server.requests import Audience, language

_LONGEST_LINE = 200


@dataclass(frozen=True, slots=True)
class Field:
    """One question with what has been answered."""

    key: str
    kind: str
    label: str
    must: bool
    hint: str
    preset: str
    unit: str
    options: Sequence[tuple[str, str]]
    not_known: Sequence[tuple[str, str]]
    is_long: bool
    is_wide: bool
    value: object
    said_unknown: str
    both: str


def fields_of(request: web.Request, case: Case) -> list[Field]:
    """Every question of the case's form."""
    form = _form(request, case)
    return [_field(request, question, case.answers) for question in form.questions]


def rows_of(fields: Sequence[Field]) -> list[list[Field]]:
    """Two fields a row; a long one has a row to itself, and the right eye begins a row."""
    rows: list[list[Field]] = []
    for field in fields:
        fits = rows and len(rows[-1]) == 1 and not rows[-1][0].is_wide
        if fits and not field.is_wide and not field.key.endswith("_right"):
            rows[-1].append(field)
        else:
            rows.append([field])
    return rows


def summary_of(request: Audience, case: Case) -> list[tuple[str, str]]:
    """Label and answer of everything that was answered."""
    form = _form(request, case)
    tongue = language(request)
    return [
        (question.label.said_in(tongue), answer_text(request, question, case.answers[question.key]))
        for question in form.questions
        if question.key in case.answers and question.key != form.question_key
    ]


def answer_text(request: Audience, question: Question, value: object) -> str:
    """An answer as it is read: words for codes, both notations for an acuity."""
    terms, tongue = request.app[RULES].terms, language(request)
    if isinstance(value, str) and value in question.not_known:
        return terms.text(tongue, "not_known", value)
    if isinstance(value, Mapping):
        return acuity_text(request, value)
    words = dict(_options(request, question))
    if isinstance(value, list):
        comma = ", " if tongue == "en" else "、"
        return comma.join(words.get(str(code), str(code)) for code in value)
    text = words.get(str(value), str(value))
    unit = question.unit.said_in(tongue) if question.unit else ""
    return f"{text} {unit}".strip()


def acuity_text(request: Audience, value: Mapping[str, object]) -> str:
    """`0.5（4.7）`, the decimal first, or the words below the chart."""
    acuity = Acuity(AcuityNotation(str(value["notation"])), str(value["value"]))
    decimal, five_mark = as_decimal(acuity), as_five_mark(acuity)
    if decimal is None or five_mark is None:
        return request.app[RULES].terms.text(language(request), "low_vision", acuity.value)
    if language(request) == "en":
        return f"{decimal} (5-mark {five_mark})"
    return f"{decimal}（5 分记录 {five_mark}）"


def _form(request: Audience, case: Case) -> Form:
    return request.app[RULES].cases.forms[case.service_type]


def _field(request: web.Request, question: Question, answers: Mapping[str, object]) -> Field:
    tongue = language(request)
    value = answers.get(question.key)
    said_unknown = value if isinstance(value, str) and value in question.not_known else ""
    is_long = question.kind is QuestionKind.TEXT and question.longest > _LONGEST_LINE
    is_acuity = question.kind is QuestionKind.ACUITY
    return Field(
        key=question.key,
        kind=question.kind,
        label=question.label.said_in(tongue),
        must=question.required,
        hint=question.hint.said_in(tongue) if question.hint else "",
        preset=question.preset.said_in(tongue) if question.preset else "",
        unit=question.unit.said_in(tongue) if question.unit else "",
        options=_options(request, question),
        not_known=[
            (code.value, request.app[RULES].terms.text(tongue, "not_known", code))
            for code in question.not_known
        ],
        is_long=is_long,
        is_wide=is_long or question.kind is QuestionKind.MULTI,
        value="" if said_unknown else value,
        said_unknown=said_unknown,
        both=acuity_text(request, value) if is_acuity and isinstance(value, Mapping) else "",
    )


def _options(request: Audience, question: Question) -> list[tuple[str, str]]:
    terms, tongue = request.app[RULES].terms, language(request)
    if question.kind is QuestionKind.YES_NO_UNKNOWN:
        return [(code, terms.text(tongue, "yes_no_unknown", code)) for code in YES_NO_UNKNOWN]
    if question.kind is QuestionKind.ACUITY:
        return [(code.value, terms.text(tongue, "low_vision", code)) for code in LowVision]
    return [(choice.code, choice.words.said_in(tongue)) for choice in question.choices]

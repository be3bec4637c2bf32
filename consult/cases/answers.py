"""The answers to a form: read, checked all at once, and kept as plain JSON values."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final, TypeAlias

from consult.cases.acuity import parse_acuity
from consult.cases.forms import YES_NO_UNKNOWN, Form, NotKnown, Question, QuestionKind
from consult.kernel.errors import FieldProblem, FormRefusedError, RefusedError

# A text, a code, a date or a number is a string (never a float); several choices are a list;
# an acuity is its notation and value.
Answer: TypeAlias = str | list[str] | dict[str, str]
Answers: TypeAlias = Mapping[str, Answer]

_EARLIEST_YEAR: Final = 1870
_LONGEST_KEY: Final = 64
_ACUITY_KEYS: Final = frozenset({"notation", "value"})
_NUMBER: Final = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_FULL_WIDTH: Final = {0xFF01 + step: 0x21 + step for step in range(94)}
_REFUSED_CATEGORIES: Final = frozenset({"Cc", "Cs"})
_BIDI_CLASSES: Final = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


def validate_answers(form: Form, answers: Mapping[str, object], *, today: date) -> Answers:
    """The answers as they are kept, without blanks; raises FormRefusedError with every problem.

    `today` is the institution's date: no answer lies after it.
    """
    known = {question.key for question in form.questions}
    problems = [
        FieldProblem(str(key)[:_LONGEST_KEY], "field-unknown")
        for key in answers
        if key not in known
    ]
    kept: dict[str, Answer] = {}
    for question in form.questions:
        value = answers.get(question.key)
        try:
            if not _is_blank(value):
                kept[question.key] = read_answer(question, value, today=today)
            elif question.required:
                problems.append(FieldProblem(question.key, "field-missing"))
        except RefusedError as refusal:
            problems.extend(refusal.problems)
    if problems:
        raise FormRefusedError(problems)
    return MappingProxyType(kept)


def read_answer(question: Question, value: object, *, today: date) -> Answer:
    """One answer as it is kept; raises RefusedError naming the question's key."""
    if isinstance(value, str) and value in question.not_known:
        return value
    if question.kind is QuestionKind.DATE:
        return _read_date(question, value, today=today)
    return _READERS[question.kind](question, value)


def question_of(form: Form, answers: Answers, *, language: str) -> str:
    """The question to the expert: an answer of the form, or the form's preset."""
    if form.question_key is not None:
        return str(answers[form.question_key])
    if form.question_preset is None:
        raise LookupError(form.name)
    return form.question_preset.said_in(language)


def _is_blank(value: object) -> bool:
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, Mapping) and set(value) == _ACUITY_KEYS:
        return _is_blank(value["value"]) and value["notation"] not in tuple(NotKnown)
    return value is None or value in ([], ())


def _read_text(question: Question, value: object) -> Answer:
    text = unicodedata.normalize("NFC", _string(question, value).replace("\r\n", "\n")).strip()
    if len(text) > question.longest:
        raise RefusedError("field-too-long", field=question.key, limit=question.longest)
    if any(_is_unprintable(letter) for letter in text):
        raise RefusedError("text-forbidden-character", field=question.key)
    return text


def _is_unprintable(letter: str) -> bool:
    if letter in "\n\t":
        return False
    return (
        unicodedata.category(letter) in _REFUSED_CATEGORIES
        or unicodedata.bidirectional(letter) in _BIDI_CLASSES
    )


def _read_choice(question: Question, value: object) -> Answer:
    code = _string(question, value)
    if code not in {choice.code for choice in question.choices}:
        raise RefusedError("field-not-a-choice", field=question.key)
    return code


def _read_multi(question: Question, value: object) -> Answer:
    codes = [value] if isinstance(value, str) else value
    if not isinstance(codes, list | tuple) or not all(isinstance(code, str) for code in codes):
        raise RefusedError("field-malformed", field=question.key)
    chosen = frozenset(codes)
    if not chosen <= {choice.code for choice in question.choices}:
        raise RefusedError("field-not-a-choice", field=question.key)
    if len(chosen) > 1 and any(c.exclusive for c in question.choices if c.code in chosen):
        raise RefusedError("choice-excludes-others", field=question.key)
    return [choice.code for choice in question.choices if choice.code in chosen]


def _read_yes_no_unknown(question: Question, value: object) -> Answer:
    code = _string(question, value)
    if code not in YES_NO_UNKNOWN:
        raise RefusedError("field-not-a-choice", field=question.key)
    return code


def _read_number(question: Question, value: object) -> Answer:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise RefusedError("field-malformed", field=question.key)
    text = str(value).translate(_FULL_WIDTH).strip()
    if _NUMBER.fullmatch(text) is None:
        raise RefusedError("number-malformed", field=question.key)
    number = Decimal(text) + 0  # minus zero becomes zero
    if question.low is not None and number < question.low:
        raise RefusedError("too-small", field=question.key, low=str(question.low))
    if question.high is not None and number > question.high:
        raise RefusedError("too-large", field=question.key, high=str(question.high))
    if number != round(number, question.places):
        raise RefusedError("too-many-places", field=question.key, places=question.places)
    return f"{number:.{question.places}f}"


def _read_date(question: Question, value: object, *, today: date) -> Answer:
    text = _string(question, value).translate(_FULL_WIDTH).strip()
    try:
        day = date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or day.year < _EARLIEST_YEAR:
        raise RefusedError("date-malformed", field=question.key)
    if day > today:
        raise RefusedError("date-in-future", field=question.key)
    return day.isoformat()


def _read_acuity(question: Question, value: object) -> Answer:
    if not isinstance(value, Mapping) or set(value) != _ACUITY_KEYS:
        raise RefusedError("field-malformed", field=question.key)
    notation, text = value["notation"], value["value"]
    if notation in question.not_known:
        return str(notation)
    if not isinstance(notation, str) or not isinstance(text, str):
        raise RefusedError("field-malformed", field=question.key)
    return parse_acuity(notation, text, field=question.key).as_json()


def _string(question: Question, value: object) -> str:
    if not isinstance(value, str):
        raise RefusedError("field-malformed", field=question.key)
    return value


_READERS: Final[Mapping[QuestionKind, Callable[[Question, object], Answer]]] = MappingProxyType(
    {
        QuestionKind.TEXT: _read_text,
        QuestionKind.CHOICE: _read_choice,
        QuestionKind.MULTI: _read_multi,
        QuestionKind.NUMBER: _read_number,
        QuestionKind.ACUITY: _read_acuity,
        QuestionKind.YES_NO_UNKNOWN: _read_yes_no_unknown,
    }
)

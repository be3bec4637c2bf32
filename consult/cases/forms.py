"""The form of a service type: its questions as data, versioned (config/service_types)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from consult.cases.model import ServiceType
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words

YES_NO_UNKNOWN: Final = ("yes", "no", "unknown")


class QuestionKind(enum.StrEnum):
    """What kind of answer a question takes."""

    TEXT = "text"
    CHOICE = "choice"
    MULTI = "multi"
    NUMBER = "number"
    DATE = "date"
    ACUITY = "acuity"
    YES_NO_UNKNOWN = "yes_no_unknown"


class NotKnown(enum.StrEnum):
    """The two values that stand for no value: 不详 and 未查."""

    UNKNOWN = "unknown"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose; an exclusive one stands alone."""

    code: str
    words: Words
    exclusive: bool


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a form; `preset` is offered for a text and never taken unless sent."""

    key: str
    kind: QuestionKind
    label: Words
    required: bool
    hint: Words | None
    preset: Words | None
    unit: Words | None
    choices: tuple[Choice, ...]
    not_known: tuple[NotKnown, ...]
    longest: int
    low: Decimal | None
    high: Decimal | None
    places: int


@dataclass(frozen=True, slots=True)
class Form:
    """All questions of one service type at one version.

    `question_key` names the answer that is the question to the expert; where there is none, the
    question is `question_preset`.
    """

    name: str
    version: str
    source: str
    service_type: ServiceType
    question_key: str | None
    question_preset: Words | None
    asks_urgency: bool
    needs_images: bool
    questions: tuple[Question, ...]

    def question(self, key: str) -> Question:
        """The question with this key; raises LookupError."""
        for question in self.questions:
            if question.key == key:
                return question
        raise LookupError(key)


_KEYS: Final = (
    *("key", "kind", "label", "required", "hint", "preset", "unit", "choices", "not_known"),
    *("longest", "low", "high", "places"),
)
_USUAL_LONGEST: Final = 2000


def parse_form(mapping: Mapping[str, object]) -> Form:
    """A form of config/service_types; raises MalformedRulesError naming the key."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "service_type", "question_key", "question_preset"),
        *("asks_urgency", "needs_images", "field"),
    )
    questions = tuple(_parse_question(row) for row in table.tables("field"))
    keys = [question.key for question in questions]
    if not keys or len(set(keys)) != len(keys):
        raise table.wrong("field", "each key must stand once")
    question_key = table.text_or_none("question_key")
    if question_key is not None and question_key not in keys:
        raise table.wrong("question_key", "names no field")
    if question_key is None and not table.has("question_preset"):
        raise table.wrong("question_preset", "is missing where no field asks the question")
    return Form(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        service_type=table.code("service_type", ServiceType),
        question_key=question_key,
        question_preset=table.words("question_preset") if table.has("question_preset") else None,
        asks_urgency=table.flag("asks_urgency"),
        needs_images=table.flag("needs_images"),
        questions=questions,
    )


def _parse_question(table: RuleTable) -> Question:
    table.only(*_KEYS)
    kind = table.code("kind", QuestionKind)
    choices = tuple(_parse_choice(row) for row in table.tables("choices"))
    if (kind in {QuestionKind.CHOICE, QuestionKind.MULTI}) != bool(choices):
        raise table.wrong("choices", "belong to a choice, and only there")
    if len({choice.code for choice in choices}) != len(choices):
        raise table.wrong("choices", "a code stands twice")
    return Question(
        key=table.text("key"),
        kind=kind,
        label=table.words("label"),
        required=table.flag("required"),
        hint=table.words("hint") if table.has("hint") else None,
        preset=table.words("preset") if table.has("preset") else None,
        unit=table.words("unit") if table.has("unit") else None,
        choices=choices,
        not_known=table.codes("not_known", NotKnown),
        longest=table.whole_or_none("longest", lowest=1) or _USUAL_LONGEST,
        low=table.number_or_none("low"),
        high=table.number_or_none("high"),
        places=table.whole_or_none("places") or 0,
    )


def _parse_choice(table: RuleTable) -> Choice:
    table.only("code", "words", "exclusive")
    return Choice(
        code=table.text("code"),
        words=table.words("words"),
        exclusive=table.flag_or_false("exclusive"),
    )

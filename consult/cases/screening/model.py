"""A day's list: its lines as they were pasted, what becomes of each, and who stands on it."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import TypeVar

from consult.cases.screening.history import NOTHING_TOLD, DiabetesWord, ListedHistory
from consult.kernel.errors import FieldProblem
from consult.kernel.ids import CaseId, PatientId, PractitionerId
from consult.kernel.rules import RuleTable
from consult.people.patients.documents import DocumentKind, Sex
from consult.people.patients.model import PatientForm

_Word = TypeVar("_Word", bound=enum.StrEnum)


class Column(enum.StrEnum):
    """What a column of a list can hold."""

    NAME = "name"
    DOCUMENT_KIND = "document_kind"
    DOCUMENT_NUMBER = "document_number"
    SEX = "sex"
    BIRTH_ON = "birth_on"
    PHONE = "phone"
    ADDRESS = "address"
    DIABETES_TYPE = "diabetes_type"
    DIABETES_SINCE = "diabetes_since"


class Verdict(enum.StrEnum):
    """What becomes of a line: the first two are taken, the others are not."""

    NEW = "new"
    KNOWN = "known"
    LISTED = "listed"
    TWICE = "twice"
    REFUSED = "refused"


TAKEN = frozenset({Verdict.NEW, Verdict.KNOWN})


@dataclass(frozen=True, slots=True)
class ListRules:
    """config/screening.toml: the words of headings and cells, normalised, and the bounds."""

    version: str
    most_lines: int
    most_listed: int
    largest_list_bytes: int
    blanks: frozenset[str]
    columns: Mapping[str, Column]
    sexes: Mapping[str, Sex]
    documents: Mapping[str, DocumentKind]
    diabetes: Mapping[str, DiabetesWord]


@dataclass(frozen=True, slots=True)
class ListLine:
    """One line below the heading; `number` counts all lines from 1, as a spreadsheet does."""

    number: int
    form: PatientForm
    history: ListedHistory = NOTHING_TOLD
    problems: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class PastedList:
    """What was read of a list; `unread` are the headings that mean nothing here."""

    lines: Sequence[ListLine]
    unread: Sequence[str]


@dataclass(frozen=True, slots=True)
class LineReport:
    """What becomes of a line: `same_as` is the earlier line of the same person."""

    number: int
    name: str
    verdict: Verdict
    problems: tuple[FieldProblem, ...] = ()
    form: PatientForm | None = None
    history: ListedHistory = NOTHING_TOLD
    patient_id: PatientId | None = None
    same_as: int | None = None


@dataclass(frozen=True, slots=True)
class ListReport:
    """The report of every line of a list."""

    lines: Sequence[LineReport]
    unread: Sequence[str]

    @property
    def count(self) -> int:
        """How many lines are in order and would be taken."""
        return sum(line.verdict in TAKEN for line in self.lines)


@dataclass(frozen=True, slots=True)
class Listed:
    """A patient on the list of a day, and the draft that was begun for her."""

    id: str
    day: date
    position: int
    patient_id: PatientId
    case_id: CaseId | None
    added_by_id: PractitionerId
    added_at: datetime
    history: ListedHistory = NOTHING_TOLD


def heading_of(text: str) -> str:
    """A heading or a word of a cell as it is compared: no blanks, no marks, no capitals."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def parse_list_rules(mapping: Mapping[str, object]) -> ListRules:
    """config/screening.toml; a word that means two things is refused."""
    table = RuleTable(mapping)
    figures = ("most_lines", "most_listed", "largest_list_bytes")
    groups = ("columns", "sexes", "documents", "diabetes")
    table.only("name", "version", "source", "blanks", *figures, *groups)
    table.text("source")
    return ListRules(
        version=table.text("version"),
        most_lines=table.whole("most_lines", lowest=1),
        most_listed=table.whole("most_listed", lowest=1),
        largest_list_bytes=table.whole("largest_list_bytes", lowest=1),
        blanks=frozenset(table.texts("blanks")),
        columns=_words(table, "columns", Column),
        sexes=_words(table, "sexes", Sex),
        documents=_words(table, "documents", DocumentKind),
        diabetes=_words(table, "diabetes", DiabetesWord),
    )


def _words(table: RuleTable, key: str, kind: type[_Word]) -> Mapping[str, _Word]:
    """Which value each word of a group means."""
    below = table.table(key)
    below.only(*kind)
    found: dict[str, _Word] = {}
    for name in below.values:
        for word in below.texts(name):
            if found.setdefault(heading_of(word), kind(name)) is not kind(name):
                raise below.wrong(name, "has a word of another line")
    return MappingProxyType(found)

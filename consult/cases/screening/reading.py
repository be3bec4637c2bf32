"""From a pasted table to lines: headings by config/screening.toml, each wrong cell named."""

import csv
import io
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from consult.cases.screening.errors import ListUnreadableError
from consult.cases.screening.history import DiabetesWord, ListedHistory
from consult.cases.screening.model import Column, ListLine, ListRules, PastedList, heading_of
from consult.kernel.errors import FieldProblem
from consult.people.patients.documents import DocumentKind, Sex
from consult.people.patients.model import PatientForm, normalise_phone

_DAY: Final = re.compile(
    r"([0-9]{4})(?:[^0-9]([0-9]{1,2})[^0-9]([0-9]{1,2})[^0-9]?|([0-9]{2})([0-9]{2}))"
)
_YEAR: Final = re.compile(r"([0-9]{4})(?:[^0-9](?:[0-9]{1,2}(?:[^0-9][0-9]{1,2})?[^0-9]?)?)?")
_SPOILED: Final = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+?[0-9]+")
# What a spreadsheet would reckon (OWASP, CSV injection); a telephone may begin with a plus.
_FORMULA: Final = ("=", "+", "-", "@")
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co"})
_SEPARATORS: Final = ("\t", ",", ";")


def decode_list(data: bytes) -> str:
    """The text of a file: UTF-8, or GB18030 as Excel and WPS write it in China.

    Raises ListUnreadableError for every other encoding.
    """
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise ListUnreadableError("list-encoding")


def read_list(text: str, *, rules: ListRules) -> PastedList:
    """The lines of a list; raises ListUnreadableError where it cannot be read as one."""
    if text.count("\n") > rules.most_lines * 2:
        raise ListUnreadableError("list-too-long", limit=rules.most_lines)
    rows = [(number, row) for number, row in enumerate(_rows(text), start=1) if any(row)]
    if not rows:
        raise ListUnreadableError("field-missing")
    if len(rows) - 1 > rules.most_lines:
        raise ListUnreadableError("list-too-long", limit=rules.most_lines)
    places = _places(rows[0][1], rules)
    unread = [cell for cell in rows[0][1] if cell and heading_of(cell) not in rules.columns]
    lines = [_line(number, row, places, rules) for number, row in rows[1:]]
    if not lines:
        raise ListUnreadableError("list-no-lines")
    return PastedList(lines, unread)


def _rows(text: str) -> list[list[str]]:
    heading = next((line for line in text.splitlines() if line.strip()), "")
    separator = next((each for each in _SEPARATORS if each in heading), "\t")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [[cell.strip(" \u3000\u00a0") for cell in row] for row in reader]
    except csv.Error:
        raise ListUnreadableError("list-malformed") from None


def _places(heading: Sequence[str], rules: ListRules) -> Mapping[Column, int]:
    """Where each column stands; the name must be there, and none may stand twice."""
    found: dict[Column, int] = {}
    for place, cell in enumerate(heading):
        column = rules.columns.get(heading_of(cell))
        if column is None:
            continue
        if column in found:
            raise ListUnreadableError("list-heading-twice", heading=cell[:20])
        found[column] = place
    if Column.NAME not in found:
        raise ListUnreadableError("list-heading-missing")
    return found


def _line(
    number: int, row: Sequence[str], places: Mapping[Column, int], rules: ListRules
) -> ListLine:
    cells = {
        column: "" if place >= len(row) or row[place] in rules.blanks else row[place]
        for column, place in places.items()
    }
    problems = [problem for column, cell in cells.items() for problem in _unfit(column, cell)]
    number_text = cells.get(Column.DOCUMENT_NUMBER, "")
    form = PatientForm(
        name=cells[Column.NAME],
        document_kind=_kind(cells.get(Column.DOCUMENT_KIND, ""), number_text, rules, problems),
        document_number=number_text,
        sex=_sex(cells.get(Column.SEX, ""), rules, problems),
        birth_on=_day(cells.get(Column.BIRTH_ON, ""), problems),
        phone=cells.get(Column.PHONE, ""),
        address=cells.get(Column.ADDRESS, ""),
    )
    history = ListedHistory(
        diabetes=_diabetes(cells.get(Column.DIABETES_TYPE, ""), rules, problems),
        since_year=_year(cells.get(Column.DIABETES_SINCE, ""), rules, problems),
    )
    if history.contradicts_itself:
        problems.append(FieldProblem(Column.DIABETES_SINCE, "list-year-without-diabetes"))
    return ListLine(number, form, history, tuple(problems))


def _unfit(column: Column, cell: str) -> list[FieldProblem]:
    """What no cell may hold: a formula, what nobody sees, a number that Excel has rounded."""
    is_phone = column is Column.PHONE and normalise_phone(cell).lstrip("+").isdigit()
    if cell.startswith(_FORMULA) and not is_phone:
        return [FieldProblem(column, "list-formula")]
    if any(unicodedata.category(letter) in _UNSEEN for letter in cell):
        return [FieldProblem(column, "field-unreadable")]
    if column is Column.DOCUMENT_NUMBER and _SPOILED.fullmatch(cell):
        return [FieldProblem(column, "list-number-rounded")]
    return []


def _kind(cell: str, number: str, rules: ListRules, problems: list[FieldProblem]) -> DocumentKind:
    """The kind that is named; else an identity card where there is a number, none without one."""
    usual = DocumentKind.RESIDENT_ID if number else DocumentKind.NONE
    if not cell:
        return usual
    found = rules.documents.get(heading_of(cell))
    if found is None:
        problems.append(FieldProblem(Column.DOCUMENT_KIND, "list-word-unknown"))
    return found or usual


def _sex(cell: str, rules: ListRules, problems: list[FieldProblem]) -> Sex | None:
    found = rules.sexes.get(heading_of(cell)) if cell else None
    if cell and found is None:
        problems.append(FieldProblem(Column.SEX, "list-word-unknown"))
    return found


def _diabetes(cell: str, rules: ListRules, problems: list[FieldProblem]) -> DiabetesWord | None:
    found = rules.diabetes.get(heading_of(cell)) if cell else None
    if cell and found is None:
        problems.append(FieldProblem(Column.DIABETES_TYPE, "list-word-unknown"))
    return found


def _year(cell: str, rules: ListRules, problems: list[FieldProblem]) -> int | None:
    """A year by itself, or that of a month or day: 2015, 2015年, 2015.3, 2015-03-08."""
    if not cell or rules.diabetes.get(heading_of(cell)) is DiabetesWord.UNKNOWN:
        return None
    match = _YEAR.fullmatch(cell)
    if match is None:
        problems.append(FieldProblem(Column.DIABETES_SINCE, "list-year-unreadable"))
        return None
    return int(match.group(1))


def _day(cell: str, problems: list[FieldProblem]) -> date | None:
    """A day as people write it: 1950-01-02, 1950/1/2, 1950年1月2日, 19500102."""
    if not cell:
        return None
    match = _DAY.fullmatch(cell)
    try:
        parts = [int(part) for part in match.groups() if part] if match else []
        return date(*parts[:3])
    except (TypeError, ValueError):
        problems.append(FieldProblem(Column.BIRTH_ON, "list-day-unreadable"))
        return None

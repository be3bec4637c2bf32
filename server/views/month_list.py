"""The list behind a number of the month, and the tables that leave: nothing of a patient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from consult.cases import service_oversight
from consult.dossiers.month import every_line, list_figure
from consult.dossiers.month_store import Line
from consult.kernel.work import Work
from consult.people.organisations.model import Institution
from consult.people.practitioners.model import PersonName
from server.i18n import N_
from server.month_forms import Asked, narrowed
from server.requests import Audience
from server.views import month as views
from server.views import month_rows
from server.views.month_words import HEADS, SPANS
from server.views.report_words import Speech
from server.workbooks import Cell, Sheet

_HEADS = (
    N_("Case number"),
    N_("Submitted"),
    N_("Member institution"),
    N_("Photographer"),
    N_("Service"),
    N_("Reader"),
    N_("Promised"),
    N_("Answered"),
    N_("Took (h)"),
    N_("Status"),
)


@dataclass(frozen=True, slots=True)
class ListPage:
    """Some cases of a number, what they are called, and where older ones are."""

    asked: Asked
    lines: Sequence[Line]
    places: Mapping[str, Institution]
    names: Mapping[str, PersonName]
    older: str


class MonthCase(BaseModel):
    """One case of the list."""

    id: str
    number: str
    institution_id: str
    service_type: str
    status: str
    submitted_at: str
    answered_at: str | None
    took_s: int | None


class MonthCasesAnswer(BaseModel):
    """One page of the list; `older` is the value of `before` that follows it."""

    cases: list[MonthCase]
    older: str | None


def make_list(work: Work, asked: Asked) -> ListPage:
    """One page of the cases of a number."""
    found, has_older = list_figure(work, narrowed(asked), asked.figure, before=asked.before)
    return _named(work, asked, found, older=found[-1].id if has_older else "")


def make_whole_list(work: Work, asked: Asked) -> ListPage:
    """All of them, for a file."""
    return _named(work, asked, every_line(work, narrowed(asked), asked.figure), older="")


def _named(work: Work, asked: Asked, lines: Sequence[Line], *, older: str) -> ListPage:
    reach = service_oversight.institutions_in_reach(work)
    places = {line.institution_id for line in lines}
    people = {each for line in lines for each in (line.photographer_id, line.reader_id) if each}
    if asked.where.institution_id is not None and any(
        str(each.id) == asked.where.institution_id for each in reach
    ):
        places.add(asked.where.institution_id)
    return ListPage(
        asked, lines, views.places_of(work, places, reach), views.names_of(work, people), older
    )


def list_as_json(page: ListPage) -> Mapping[str, object]:
    """The list for a machine."""
    cases = [
        MonthCase(
            id=line.id,
            number=line.number,
            institution_id=line.institution_id,
            service_type=line.service_type.value,
            status=line.status.value,
            submitted_at=line.submitted_at.isoformat(),
            answered_at=None if line.answered_at is None else line.answered_at.isoformat(),
            took_s=line.took_s,
        )
        for line in page.lines
    ]
    return MonthCasesAnswer(cases=cases, older=page.older or None).model_dump()


def older_href(page: ListPage) -> str:
    """Where older cases of the same number are."""
    asked = page.asked
    return asked.address(
        month_rows.LIST,
        figure=asked.figure.value,
        day=asked.day,
        span=asked.span,
        before=page.older,
    )


def file_href(page: ListPage, kind: str) -> str:
    """Where the whole list is as a file."""
    asked = page.asked
    return asked.address(
        f"/month/cases.{kind}", figure=asked.figure.value, day=asked.day, span=asked.span
    )


def names(reader: Audience, page: ListPage, line: Line) -> tuple[str, str, str]:
    """Clinic, photographer and reader of one line."""
    speech = Speech(reader)
    reader_name = (
        "" if line.reader_id is None else views.person_name(speech, page.names, line.reader_id)
    )
    return (
        views.place_name(speech, page.places[line.institution_id]),
        views.person_name(speech, page.names, line.photographer_id),
        reader_name,
    )


def about(reader: Audience, page: ListPage) -> list[str]:
    """Of which cases this is the list, in words."""
    speech, asked = Speech(reader), page.asked
    told = [asked.month, speech.say(HEADS[asked.figure])]
    if asked.day is not None:
        told[0] = f"{asked.days[asked.day - 1]:%Y-%m-%d}"
    if asked.where.institution_id in page.places:
        told.append(views.place_name(speech, page.places[str(asked.where.institution_id)]))
    if asked.where.service_type is not None:
        told.append(speech.term("service_type", asked.where.service_type.value))
    if asked.span is not None:
        told.append(speech.say(SPANS[asked.span]))
    return told


def case_sheet(reader: Audience, page: ListPage) -> Sheet:
    """The list as a table."""
    speech = Speech(reader)
    rows: list[list[Cell]] = []
    for line in page.lines:
        clinic, photographer, by = names(reader, page, line)
        rows.append(
            [
                *(line.number, line.submitted_at, clinic, photographer),
                speech.term("service_type", line.service_type.value),
                *(by, line.report_by, line.answered_at, _hours(line.took_s)),
                speech.term("case_status", line.status.value),
            ]
        )
    title = speech.say(HEADS[page.asked.figure])
    return Sheet(title, [speech.say(head) for head in _HEADS], rows, page.asked.zone)


def month_sheets(reader: Audience, page: views.Page) -> list[Sheet]:
    """The tables of the page: by clinic, by photographer, by reader, by day."""
    speech, zone = Speech(reader), page.asked.zone
    say = speech.say
    clinics = _tall(month_rows.clinic_heads(reader), month_rows.clinic_rows(reader, page))
    photographers = _tall(photographer_heads(reader), month_rows.photographer_rows(reader, page))
    readers = _tall(reader_heads(reader), month_rows.reader_rows(reader, page))
    days: list[list[Cell]] = [
        [f"{day:%Y-%m-%d}", int(cases.text), int(late.text)]
        for day, cases, late in month_rows.day_rows(page)
    ]
    return [
        Sheet(say(N_("By member institution")), *clinics, zone),
        Sheet(say(N_("By photographer")), *photographers, zone),
        Sheet(say(N_("By reader")), *readers, zone),
        Sheet(say(N_("By day")), day_heads(reader), days, zone),
    ]


def photographer_heads(reader: Audience) -> list[tuple[str, str]]:
    """The heads of the table of photographers."""
    say = Speech(reader).say
    numbers = ("cases", "rated", "ungradable")
    return [
        *((say(head), "") for head in (N_("Member institution"), N_("Photographer"))),
        *((say(HEADS[figure]), "num") for figure in HEADS if figure.value in numbers),
    ]


def reader_heads(reader: Audience) -> list[tuple[str, str]]:
    """The heads of the table of physicians who answered."""
    speech = Speech(reader)
    numbers = [speech.say(N_("Answered")), *month_rows.time_heads(speech)]
    return [(speech.say(N_("Reader")), ""), *((each, "num") for each in numbers)]


def day_heads(reader: Audience) -> list[str]:
    """The heads of the table of days."""
    say = Speech(reader).say
    return [say(N_("Day")), say(N_("Cases")), say(N_("Late"))]


def _tall(
    heads: Sequence[tuple[str, str]], rows: Sequence[month_rows.Row]
) -> tuple[list[str], list[list[Cell]]]:
    """A share stands in a column of its own beside its number, which a spreadsheet can add up."""
    shared = {at for row in rows for at, each in enumerate(row.numbers) if each.share}
    first = len(heads) - (len(rows[0].numbers) if rows else 0)
    told = [name for name, _class in heads[:first]]
    for at, (name, _class) in enumerate(heads[first:]):
        told += [name, f"{name} (%)"] if at in shared else [name]
    return told, [
        [
            *row.names,
            *(
                cell
                for at, each in enumerate(row.numbers)
                for cell in _cells(each, has_share=at in shared)
            ),
        ]
        for row in rows
    ]


def _cells(each: month_rows.Number, *, has_share: bool) -> list[Cell]:
    value: Cell = None if each.text == "—" else float(each.text)
    if isinstance(value, float) and "." not in each.text:
        value = int(value)
    share = float(each.share.removesuffix("%")) if each.share else None
    return [value, share] if has_share else [value]


def _hours(took_s: int | None) -> float | None:
    return None if took_s is None else round(took_s / 3_600, 2)

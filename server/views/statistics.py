"""Supervision's statistics as they are shown and taken away."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from pydantic import BaseModel

from consult.cases import service_oversight
from consult.cases.oversight_store import Filter
from consult.dossiers.call_lines import LinesOfMonth, count_lines
from consult.dossiers.statistics import COUNTED, REPEATED, Counts, GroupedBy, count
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from server.i18n import N_
from server.keys import RULES
from server.requests import Audience, language
from server.views.report_words import Speech
from server.views.statistics_calls import CallLinesAnswer, call_line_answer, name_of
from server.workbooks import harmless

_COLUMNS: Final = {
    "cases": N_("Cases submitted"),
    "accepted_in_time": N_("Accepted in time"),
    "accepted_late": N_("Accepted late"),
    "reported_in_time": N_("Reported in time"),
    "reported_late": N_("Reported late"),
    "reported_open": N_("Not due yet"),
    "returned": N_("Returns"),
    "declined": N_("Refusals"),
    "withdrawn": N_("Withdrawn cases"),
    "corrected": N_("Reports amended"),
    "retracted": N_("Reports retracted"),
    "pictures_corrected": N_("Pictures corrected"),
    "emergencies": N_("Emergency openings"),
    "exports": N_("Exports"),
    "recognised": N_("Exams recognised"),
    "repeated": N_("Exams repeated"),
    "calls": N_("Video calls"),
    "calls_unanswered": N_("Calls that nobody answered"),
}
_REASONS: Final = "repeat_reason"
_BY: Final = {
    GroupedBy.INVITING: N_("Inviting institution"),
    GroupedBy.INVITED: N_("Invited institution"),
    GroupedBy.SERVICE: N_("Service"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """The first days of the first and of the last month."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Page:
    """The numbers with what they are about."""

    period: Period
    wanted: Filter
    by: GroupedBy
    rows: Sequence[tuple[str | None, Counts]]
    total: Counts
    places: Mapping[str, Institution]
    institutions: Sequence[Institution]
    at: datetime
    call_lines: Sequence[LinesOfMonth]


class RowAnswer(BaseModel):
    """One row; `key` is an institution's id or a service type, null where nobody was asked."""

    key: str | None
    counts: dict[str, int]


class StatisticsAnswer(BaseModel):
    """The numbers of a period."""

    first: str
    last: str
    by: str
    rows: list[RowAnswer]
    total: dict[str, int]
    counted_at: str
    call_lines: list[CallLinesAnswer]


def make_page(work: Work, wanted: Filter, *, by: GroupedBy, period: Period) -> Page:
    """Count, and find out what the rows are called; the names of institutions are no secret."""
    found = count(work, wanted, by=by)
    inside = replace(work, actor=SYSTEM)
    reach = service_oversight.institutions_in_reach(work)
    places = {str(each.id): each for each in reach}
    if by is not GroupedBy.SERVICE:
        for key in (key for key, _counts in found.rows if key is not None):
            if key not in places:
                places[key] = organisations.get_institution(inside, key)
    lines_of_calls = count_lines(work, wanted)
    for site in {each.institution_id for each in lines_of_calls} - places.keys():
        places[site] = organisations.get_institution(inside, site)
    return Page(
        *(period, wanted, by, found.rows, found.total, places, reach, found.at), lines_of_calls
    )


def as_json(page: Page) -> Mapping[str, object]:
    """The numbers for a machine."""
    return StatisticsAnswer(
        first=f"{page.period.first:%Y-%m}",
        last=f"{page.period.last:%Y-%m}",
        by=page.by.value,
        rows=[RowAnswer(key=key, counts=dict(counts)) for key, counts in page.rows],
        total=dict(page.total),
        counted_at=page.at.isoformat(),
        call_lines=[call_line_answer(each) for each in page.call_lines],
    ).model_dump()


def columns(reader: Audience, page: Page) -> list[str]:
    """The heads of the table."""
    speech = Speech(reader)
    return [speech.say(_BY[page.by]), *(speech.say(_COLUMNS[name]) for name in COUNTED)]


def heads(reader: Audience, page: Page) -> list[tuple[str, str]]:
    """The heads of the page's table: numbers stand to the right."""
    name, *numbers = columns(reader, page)
    return [(name, ""), *((number, "num") for number in numbers)]


def repeat_heads(reader: Audience, page: Page) -> list[tuple[str, str]]:
    """The heads of the table of repeated exams: place, all, and each reason."""
    speech = Speech(reader)
    reasons = [(text, "num") for _code, text in _reasons(reader)]
    name = speech.say(_BY[page.by])
    return [(name, ""), (speech.say(_COLUMNS["repeated"]), "num"), *reasons]


def repeat_lines(reader: Audience, page: Page) -> list[tuple[str, list[int]]]:
    """Where exams were repeated, and why; last, all of them together."""
    speech = Speech(reader)
    rows = [(_name(speech, page, key), counts) for key, counts in page.rows if counts["repeated"]]
    rows.append((speech.say(N_("Total")), page.total))
    return [(name, [counts["repeated"], *_by_reason(reader, counts)]) for name, counts in rows]


def _reasons(reader: Audience) -> list[tuple[str, str]]:
    return reader.app[RULES].terms.choices(language(reader), _REASONS)


def _by_reason(reader: Audience, counts: Counts) -> list[int]:
    return [counts.get(REPEATED + code, 0) for code, _text in _reasons(reader)]


def groups(reader: Audience) -> list[tuple[str, str]]:
    """What a row may stand for."""
    speech = Speech(reader)
    return [(each.value, speech.say(message)) for each, message in _BY.items()]


def lines(reader: Audience, page: Page) -> list[tuple[str, list[int]]]:
    """Every row and, last, all of them together."""
    speech = Speech(reader)
    named = [(_name(speech, page, key), counts) for key, counts in page.rows]
    named.append((speech.say(N_("Total")), page.total))
    return [(name, [counts[each] for each in COUNTED]) for name, counts in named]


def as_csv(reader: Audience, page: Page) -> bytes:
    """A table with a mark of its encoding, without which Excel reads no Chinese (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    repeated = Speech(reader).say(_COLUMNS["repeated"])
    writer.writerow(
        [*columns(reader, page), *(f"{repeated}: {text}" for _code, text in _reasons(reader))]
    )
    reasons = [
        _by_reason(reader, counts) for counts in (*(told for _key, told in page.rows), page.total)
    ]
    for (name, numbers), more in zip(lines(reader, page), reasons, strict=True):
        writer.writerow([harmless(name), *numbers, *more])
    return out.getvalue().encode("utf-8-sig")


def _name(speech: Speech, page: Page, key: str | None) -> str:
    if key is None:
        return speech.say(N_("nobody asked yet"))
    if page.by is GroupedBy.SERVICE:
        return speech.term("service_type", key)
    return name_of(speech, page.places[key])

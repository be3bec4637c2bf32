"""The manager's month as it is shown: every number with the address of its list."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel

from consult.cases import service_oversight
from consult.cases.model import ServiceType
from consult.dossiers.month import Month, Tally, count_month, services_of
from consult.dossiers.month_rules import FUNNEL, Figure
from consult.dossiers.month_store import NOBODY
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from server.i18n import ENGLISH, N_
from server.month_forms import Asked
from server.months import midnight
from server.requests import Audience
from server.views.month_words import HEADS, MEANT, SPANS
from server.views.report_words import Speech

LIST = "/month/cases"
Narrow = Mapping[str, object]
"""Which of the cases, as an address says it."""
WHOLE: Final[Narrow] = MappingProxyType({})
_HOUR_S = 3_600


@dataclass(frozen=True, slots=True)
class Page:
    """The numbers, with the names of places and people."""

    asked: Asked
    month: Month
    places: Mapping[str, Institution]
    names: Mapping[str, PersonName]
    institutions: Sequence[Institution]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in words, and the list that it is the length of."""

    text: str
    href: str = ""
    share: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What a row is about, and its numbers."""

    names: Sequence[str]
    numbers: Sequence[Number]


class TallyAnswer(BaseModel):
    """The numbers of some cases; times are seconds, null where nothing was answered."""

    counts: dict[str, int]
    median_s: int | None
    p90_s: int | None


class ClinicAnswer(TallyAnswer):
    """The numbers of one clinic, and its cases by service."""

    institution_id: str
    services: dict[str, int]


class PhotographerAnswer(TallyAnswer):
    """The numbers of one photographer at one clinic."""

    institution_id: str
    photographer_id: str | None


class MonthAnswer(BaseModel):
    """The numbers of one month."""

    month: str
    zone: str
    total: TallyAnswer
    services: dict[str, TallyAnswer]
    clinics: list[ClinicAnswer]
    photographers: list[PhotographerAnswer]
    days: list[TallyAnswer]
    spans: list[int]
    counted_at: str


def make_page(work: Work, asked: Asked) -> Page:
    """Count, and find out what the rows are called; names of staff and sites are no secret."""
    days = [midnight(day, zone=asked.zone) for day in asked.days]
    month = count_month(work, asked.where, days=days)
    reach = service_oversight.institutions_in_reach(work)
    ids = {key for key, _tally in month.clinics}
    people = {person for (_place, person), _tally in month.photographers if person}
    people |= {reader for reader, _tally in month.readers if reader}
    return Page(asked, month, places_of(work, ids, reach), names_of(work, people), reach)


def places_of(work: Work, ids: set[str], reach: Sequence[Institution]) -> Mapping[str, Institution]:
    """What these institutions are called, also those beyond the actor's reach."""
    inside = replace(work, actor=SYSTEM)
    known = {str(each.id): each for each in reach}
    return {key: known.get(key) or organisations.get_institution(inside, key) for key in ids}


def names_of(work: Work, ids: set[str]) -> Mapping[str, PersonName]:
    """What these people are called."""
    found = practitioners.names_of(replace(work, actor=SYSTEM), ids)
    return {str(key): name for key, name in found.items()}


def place_name(speech: Speech, place: Institution) -> str:
    """In the reader's language where it has a name there."""
    return place.name_en if speech.tongue == ENGLISH and place.name_en else place.name


def person_name(speech: Speech, names: Mapping[str, PersonName], key: str | None) -> str:
    """The same of a person; nobody is said so."""
    if key is None or key not in names:
        return speech.say(N_("nobody named"))
    name = names[key]
    return name.name_en if speech.tongue == ENGLISH and name.name_en else name.name


def as_json(page: Page) -> Mapping[str, object]:
    """The numbers for a machine."""
    month = page.month
    return MonthAnswer(
        month=page.asked.month,
        zone=page.asked.zone,
        total=TallyAnswer(**_told(month.total)),
        services={key: TallyAnswer(**_told(each)) for key, each in month.services.items()},
        clinics=[
            ClinicAnswer(
                institution_id=key,
                services={kind.value: n for kind, n in services_of(month, key).items()},
                **_told(each),
            )
            for key, each in month.clinics
        ],
        photographers=[
            PhotographerAnswer(institution_id=place, photographer_id=person, **_told(each))
            for (place, person), each in month.photographers
        ],
        days=[TallyAnswer(**_told(each)) for each in month.days],
        spans=list(month.spans),
        counted_at=month.at.isoformat(),
    ).model_dump()


def number(
    asked: Asked, tally: Tally, figure: str, *, of: int = 0, narrow: Narrow = WHOLE
) -> Number:
    """One count with its list, and its share of so many; the figure by its code."""
    counted = tally.count(Figure(figure))
    return Number(
        text=str(counted),
        href=asked.address(LIST, **{"figure": str(figure), **narrow}) if counted else "",
        share=f"{100 * counted / of:.1f}%" if of else "",
    )


def hours(seconds: int | None) -> str:
    """Hours with one decimal, a dash of nothing."""
    return "—" if seconds is None else f"{seconds / _HOUR_S:.1f}"


def due(tally: Tally) -> int:
    """The cases of which it is known whether they were answered in time."""
    return tally.count(Figure.IN_TIME) + tally.count(Figure.LATE)


def soon(asked: Asked, tally: Tally, narrow: Narrow = WHOLE) -> list[Number]:
    """Median and P90 in hours, and how many were in time and overdue."""
    answered = asked.address(LIST, **{"figure": Figure.ANSWERED.value, **narrow})
    href = answered if tally.count(Figure.ANSWERED) else ""
    return [
        Number(hours(tally.took_at(0.5)), href),
        Number(hours(tally.took_at(0.9)), href),
        number(asked, tally, Figure.IN_TIME, of=due(tally), narrow=narrow),
        number(asked, tally, Figure.LATE, narrow=narrow),
    ]


def well(asked: Asked, tally: Tally, narrow: Narrow = WHOLE) -> Number:
    """How many could not be read, of those that were rated."""
    return number(asked, tally, Figure.UNGRADABLE, of=tally.count(Figure.RATED), narrow=narrow)


def told(asked: Asked, tally: Tally, narrow: Narrow = WHOLE) -> Number:
    """How many patients were told, of those who are to be."""
    return number(asked, tally, Figure.TOLD, of=tally.count(Figure.TO_TELL), narrow=narrow)


def clinic_heads(reader: Audience) -> list[tuple[str, str]]:
    """The heads of the table of clinics."""
    speech = Speech(reader)
    kinds = [speech.term("service_type", kind.value) for kind in ServiceType]
    numbers = [
        speech.say(HEADS[Figure.CASES]),
        *kinds,
        *time_heads(speech),
        speech.say(HEADS[Figure.UNGRADABLE]),
        *(speech.say(HEADS[figure]) for figure in (*FUNNEL, Figure.TOLD)),
    ]
    return [(speech.say(N_("Member institution")), ""), *((each, "num") for each in numbers)]


def time_heads(speech: Speech) -> list[str]:
    """The heads of `soon`."""
    return [
        speech.say(N_("Median (h)")),
        speech.say(N_("90% within (h)")),
        speech.say(HEADS[Figure.IN_TIME]),
        speech.say(HEADS[Figure.LATE]),
    ]


def clinic_rows(reader: Audience, page: Page) -> list[Row]:
    """Every clinic, and last all of them together."""
    speech = Speech(reader)
    rows = [
        Row([place_name(speech, page.places[key])], _clinic(page, tally, key))
        for key, tally in page.month.clinics
    ]
    return [*rows, Row([speech.say(N_("Total"))], _clinic(page, page.month.total, None))]


def _clinic(page: Page, tally: Tally, key: str | None) -> list[Number]:
    asked, month = page.asked, page.month
    more: Narrow = {} if key is None else {"institution": key}
    nothing = Tally()
    kinds = [
        month.services.get(kind, nothing)
        if key is None
        else month.clinic_services.get((key, kind), nothing)
        for kind in ServiceType
    ]
    return [
        number(asked, tally, Figure.CASES, narrow=more),
        *(
            number(asked, each, Figure.CASES, narrow={**more, "service": kind.value})
            for kind, each in zip(ServiceType, kinds, strict=True)
        ),
        *soon(asked, tally, more),
        well(asked, tally, more),
        *(number(asked, tally, figure, narrow=more) for figure in FUNNEL),
        told(asked, tally, more),
    ]


def photographer_rows(reader: Audience, page: Page) -> list[Row]:
    """Every photographer at her clinic: cases, those whose quality was rated, and ungradable."""
    speech, asked = Speech(reader), page.asked
    rows = []
    for (place, person), tally in page.month.photographers:
        more: Narrow = {"institution": place, "photographer": person or NOBODY}
        counted = [number(asked, tally, each, narrow=more) for each in (Figure.CASES, Figure.RATED)]
        names = [
            place_name(speech, page.places[place]),
            person_name(speech, page.names, person),
        ]
        rows.append(Row(names, [*counted, well(asked, tally, more)]))
    return rows


def reader_rows(reader: Audience, page: Page) -> list[Row]:
    """Every physician who answered: how many, and how soon."""
    speech, asked = Speech(reader), page.asked
    return [
        Row(
            [person_name(speech, page.names, key)],
            [
                number(asked, tally, Figure.ANSWERED, narrow={"reader": key}),
                *soon(asked, tally, {"reader": key}),
            ],
        )
        for key, tally in page.month.readers
    ]


def day_rows(page: Page) -> list[tuple[date, Number, Number]]:
    """Each day with its cases, and those of them that are overdue."""
    return [
        (
            day,
            number(page.asked, tally, Figure.CASES, narrow={"day": day.day}),
            number(page.asked, tally, Figure.LATE, narrow={"day": day.day}),
        )
        for day, tally in zip(page.asked.days, page.month.days, strict=True)
    ]


def span_rows(reader: Audience, page: Page) -> list[tuple[str, Number]]:
    """How many answers took how long."""
    speech, answered = Speech(reader), Figure.ANSWERED.value
    return [
        (
            speech.say(words),
            Number(
                str(counted),
                page.asked.address(LIST, figure=answered, span=place) if counted else "",
            ),
        )
        for place, (words, counted) in enumerate(zip(SPANS, page.month.spans, strict=True))
    ]


def day_chart(reader: Audience, page: Page) -> str:
    """The bars of the days for the script that draws them."""
    return bars(
        [str(day.day) for day in page.asked.days],
        page.month.days,
        words=Speech(reader),
    )


def span_chart(reader: Audience, page: Page) -> str:
    """The bars of answering times."""
    speech = Speech(reader)
    labels = [speech.say(words) for words in SPANS]
    name = speech.say(HEADS[Figure.ANSWERED])
    return _chart(labels, [(name, "solid", list(page.month.spans))])


def bars(labels: Sequence[str], tallies: Sequence[Tally], *, words: Speech) -> str:
    """Hatched as high as all cases, and solid before it those that are not overdue."""
    counted = [tally.count(Figure.CASES) for tally in tallies]
    late = [tally.count(Figure.LATE) for tally in tallies]
    return _chart(
        labels,
        [
            (words.say(HEADS[Figure.CASES]), "hatched", counted),
            (
                words.say(N_("of them not overdue")),
                "solid",
                [all_of - some for all_of, some in zip(counted, late, strict=True)],
            ),
        ],
    )


def lines(labels: Sequence[str], tallies: Sequence[Tally], *, words: Speech) -> str:
    """Median as a line and P90 as a dashed one, in hours."""
    return _chart(
        labels,
        [
            (words.say(N_("Median (h)")), "line", [_as_hours(t.took_at(0.5)) for t in tallies]),
            (
                words.say(N_("90% within (h)")),
                "dashed",
                [_as_hours(t.took_at(0.9)) for t in tallies],
            ),
        ],
    )


def _as_hours(seconds: int | None) -> float | None:
    return None if seconds is None else round(seconds / _HOUR_S, 2)


def _chart(labels: Sequence[str], series: Sequence[tuple[str, str, Sequence[float | None]]]) -> str:
    told = [{"name": name, "look": look, "values": values} for name, look, values in series]
    return json.dumps({"labels": labels, "series": told}, ensure_ascii=False)


def meanings(reader: Audience) -> list[tuple[str, str]]:
    """What each figure is called and counts."""
    speech = Speech(reader)
    return [(speech.say(HEADS[figure]), speech.say(MEANT[figure])) for figure in Figure]


def _told(tally: Tally) -> dict[str, Any]:
    return {
        "counts": {figure.value: tally.count(figure) for figure in Figure},
        "median_s": tally.took_at(0.5),
        "p90_s": tally.took_at(0.9),
    }

"""The rows of the manager's month: every number with the address of its list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from consult.cases.model import ServiceType
from consult.dossiers.month import Tally
from consult.dossiers.month_rules import FUNNEL, Figure
from consult.dossiers.month_store import NOBODY
from server.i18n import N_
from server.month_forms import Asked
from server.requests import Audience
from server.views.month import Page, person_name, place_name
from server.views.month_words import HEADS, SPANS
from server.views.report_words import Speech

LIST = "/month/cases"
Narrow = Mapping[str, object]
"""Which of the cases, as an address says it."""
WHOLE: Final[Narrow] = MappingProxyType({})
HOUR_S = 3_600


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
    return "—" if seconds is None else f"{seconds / HOUR_S:.1f}"


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

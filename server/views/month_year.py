"""Twelve months side by side, each number with the address of its list."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from consult.dossiers.month import Tally, count_months
from consult.dossiers.month_rules import FUNNEL, Figure
from consult.kernel.work import Work
from server.i18n import N_
from server.month_forms import Asked, year_until
from server.months import following, midnight
from server.requests import Audience
from server.views import month_charts, month_rows
from server.views.month_words import HEADS
from server.views.report_words import Speech


@dataclass(frozen=True, slots=True)
class YearPage:
    """The twelve months until the one that was asked for."""

    asked: Asked
    months: Sequence[tuple[date, Tally]]


def make_year(work: Work, asked: Asked) -> YearPage:
    """Count the months, each as the page of that month does."""
    firsts = year_until(asked.first)
    starts = [midnight(first, zone=asked.zone) for first in firsts]
    until = midnight(following(firsts[-1]), zone=asked.zone)
    where = replace(asked.where, submitted_from=starts[0], submitted_until=until)
    return YearPage(asked, list(zip(firsts, count_months(work, where, months=starts), strict=True)))


def heads(reader: Audience) -> list[tuple[str, str]]:
    """The heads of the table of months."""
    speech = Speech(reader)
    numbers = [
        speech.say(HEADS[Figure.CASES]),
        *month_rows.time_heads(speech),
        speech.say(HEADS[Figure.UNGRADABLE]),
        *(speech.say(HEADS[figure]) for figure in (*FUNNEL, Figure.TOLD)),
    ]
    return [(speech.say(N_("Month")), ""), *((each, "num") for each in numbers)]


def rows(page: YearPage) -> list[tuple[str, str, Sequence[month_rows.Number]]]:
    """Each month with the address of its page and its numbers, the newest first."""
    found: list[tuple[str, str, Sequence[month_rows.Number]]] = []
    for first, tally in reversed(page.months):
        asked = replace(page.asked, first=first)
        numbers = [
            month_rows.number(asked, tally, Figure.CASES),
            *month_rows.soon(asked, tally),
            month_rows.well(asked, tally),
            *(month_rows.number(asked, tally, figure) for figure in FUNNEL),
            month_rows.told(asked, tally),
        ]
        found.append((asked.month, asked.address("/month"), numbers))
    return found


def case_chart(reader: Audience, page: YearPage) -> str:
    """The bars of the months."""
    return month_charts.bars(_labels(page), [t for _first, t in page.months], words=Speech(reader))


def time_chart(reader: Audience, page: YearPage) -> str:
    """Median and P90 from month to month."""
    return month_charts.lines(_labels(page), [t for _first, t in page.months], words=Speech(reader))


def _labels(page: YearPage) -> list[str]:
    return [f"{first:%y-%m}" for first, _tally in page.months]

"""What the page of a month is asked for: the month, and which of its cases."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from consult.cases.model import ServiceType
from consult.cases.oversight_store import Filter
from consult.dossiers.month import SPANS_S
from consult.dossiers.month_rules import Figure
from consult.dossiers.month_store import NOBODY, Where
from consult.kernel.errors import RefusedError
from server import queries
from server.moments import local_day
from server.months import following, midnight, parse_month
from server.requests import signed_in
from server.transactions import utc_now

MONTHS_OF_A_YEAR: Final = 12
_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class Asked:
    """The first day of the month as the acting institution reckons it, and which of its cases.

    `day` counts from 1, `span` from 0 among the spans of answering times.
    """

    first: date
    zone: str
    where: Where
    figure: Figure = Figure.CASES
    day: int | None = None
    span: int | None = None
    before: str | None = None

    @property
    def month(self) -> str:
        """As an address has it: `2026-11`."""
        return f"{self.first:%Y-%m}"

    @property
    def days(self) -> list[date]:
        """Every day of the month."""
        length = (following(self.first) - self.first).days
        return [self.first + timedelta(days=number) for number in range(length)]

    @property
    def wanted(self) -> Filter:
        """As the journal of statistics has it."""
        return Filter(
            institution_id=self.where.institution_id,
            submitted_from=self.where.submitted_from,
            submitted_until=self.where.submitted_until,
            service_type=self.where.service_type,
        )

    def address(self, path: str, **more: object) -> str:
        """A page about these cases, or fewer; nothing of a patient stands in it."""
        told: dict[str, object] = {
            "month": self.month,
            "institution": self.where.institution_id,
            "photographer": self.where.photographer_id,
            "reader": self.where.reader_id,
            "service": self.where.service_type,
            **more,
        }
        return f"{path}?{urlencode({key: each for key, each in told.items() if each is not None})}"


def asked_of(request: web.Request) -> Asked:
    """The present month where none is named; raises RefusedError for what is no filter."""
    zone = signed_in(request).zone
    today = f"{local_day(utc_now(), zone=zone):%Y-%m}"
    first = parse_month(request.query.get("month") or today, field="month")
    photographer = request.query.get("photographer", "")
    is_nobody = photographer == NOBODY
    where = Where(
        submitted_from=midnight(first, zone=zone),
        submitted_until=midnight(following(first), zone=zone),
        institution_id=queries.optional_id(request, "institution"),
        photographer_id=NOBODY if is_nobody else queries.optional_id(request, "photographer"),
        reader_id=queries.optional_id(request, "reader"),
        service_type=queries.optional_choice(request, "service", ServiceType),
    )
    asked = Asked(first, zone, where)
    return replace(
        asked,
        figure=queries.optional_choice(request, "figure", Figure) or Figure.CASES,
        day=_number(request, "day", least=1, most=len(asked.days)),
        span=_number(request, "span", least=0, most=len(SPANS_S)),
        before=queries.optional_id(request, "before"),
    )


def narrowed(asked: Asked) -> Where:
    """The cases of the list: those of one day or of one span, where it is named."""
    where = asked.where
    if asked.day is not None:
        day = asked.days[asked.day - 1]
        where = replace(
            where,
            submitted_from=midnight(day, zone=asked.zone),
            submitted_until=midnight(day + timedelta(days=1), zone=asked.zone),
        )
    if asked.span is not None:
        edges = (None, *SPANS_S, None)
        where = replace(where, took_from_s=edges[asked.span], took_until_s=edges[asked.span + 1])
    return where


def year_until(first: date) -> list[date]:
    """The first days of the twelve months of which this is the last."""
    last = first.year * MONTHS_OF_A_YEAR + first.month - 1
    numbers = range(last - MONTHS_OF_A_YEAR + 1, last + 1)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def _number(request: web.Request, name: str, *, least: int, most: int) -> int | None:
    text = request.query.get(name, "")
    if not text:
        return None
    if not (
        text.isascii() and text.isdigit() and len(text) <= _DIGITS and least <= int(text) <= most
    ):
        raise RefusedError("field-malformed", field=name)
    return int(text)

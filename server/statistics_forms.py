"""What supervision asks of statistics (months, an institution, a service), and gets as a file."""

from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web

from consult.cases.model import ServiceType
from consult.cases.oversight_store import Filter
from consult.dossiers.statistics import GroupedBy
from consult.kernel.errors import RefusedError
from server import queries
from server.moments import local_day
from server.months import following, midnight, parse_month
from server.requests import signed_in
from server.transactions import utc_now
from server.views.statistics import Period

MOST_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """The period with its cases, and what a row stands for."""

    period: Period
    wanted: Filter
    by: GroupedBy


def asked_of(request: web.Request) -> Asked:
    """The present month where none is named; raises RefusedError for more than a year."""
    zone = signed_in(request).zone
    today = f"{local_day(utc_now(), zone=zone):%Y-%m}"
    first = parse_month(request.query.get("first") or today, field="first")
    last = parse_month(request.query.get("last") or f"{first:%Y-%m}", field="last")
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 0 < months <= MOST_MONTHS:
        raise RefusedError("period-too-long", field="last", limit=MOST_MONTHS)
    return Asked(
        period=Period(first, last),
        wanted=Filter(
            institution_id=queries.optional_id(request, "institution"),
            submitted_from=midnight(first, zone=zone),
            submitted_until=midnight(following(last), zone=zone),
            service_type=queries.optional_choice(request, "service", ServiceType),
        ),
        by=queries.optional_choice(request, "by", GroupedBy) or GroupedBy.INVITING,
    )


def as_file(asked: Asked, body: bytes, *, name: str) -> web.Response:
    """A table of these months that Excel opens; no browser keeps it."""
    first, last = asked.period.first, asked.period.last
    file = f"{name}-{first:%Y-%m}-{last:%Y-%m}.csv"
    return web.Response(
        body=body,
        content_type="text/csv",
        charset="utf-8",
        headers={
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{file}"',
        },
    )

"""Supervision's statistics: how many, in time or not, and what became of them; also as a file."""

from dataclasses import dataclass
from typing import Final

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.cases.model import ServiceType
from consult.cases.oversight_store import Filter
from consult.dossiers.statistics import GroupedBy, note_counted
from consult.kernel.errors import RefusedError
from server import queries
from server.doors import Routes
from server.i18n import N_
from server.moments import local_day
from server.months import following, midnight, parse_month
from server.pages import render
from server.requests import signed_in
from server.transactions import in_read, in_unit, utc_now
from server.views import statistics as views

routes = Routes("statistics")
MOST_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class _Asked:
    period: views.Period
    wanted: Filter
    by: GroupedBy


@routes.get("/oversight/statistics", action=Action.SEE_JOURNAL)
async def index(request: web.Request) -> web.Response:
    """The numbers of a period."""
    page = await _counted(request, _asked(request), is_export=False)
    return await render(
        request,
        "oversight/statistics.html",
        title=N_("Statistics"),
        page=page,
        groups=views.groups(request),
        heads=views.heads(request, page),
        lines=views.lines(request, page),
        repeat_heads=views.repeat_heads(request, page),
        repeat_lines=views.repeat_lines(request, page),
    )


@routes.get("/api/oversight/statistics", action=Action.SEE_JOURNAL, answer=views.StatisticsAnswer)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    page = await _counted(request, _asked(request), is_export=False)
    return web.json_response(views.as_json(page))


@routes.get("/oversight/statistics.csv", action=Action.SEE_JOURNAL, takes_out=True)
async def download(request: web.Request) -> web.Response:
    """The same as a table that Excel opens."""
    asked = _asked(request)
    page = await _counted(request, asked, is_export=True)
    name = f"statistics-{asked.period.first:%Y-%m}-{asked.period.last:%Y-%m}.csv"
    return web.Response(
        body=views.as_csv(request, page),
        content_type="text/csv",
        charset="utf-8",
        headers={
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        },
    )


async def _counted(request: web.Request, asked: _Asked, *, is_export: bool) -> views.Page:
    """Counted beside the writers; then the journal says who looked."""
    page = await in_read(request, views.make_page, asked.wanted, by=asked.by, period=asked.period)
    await in_unit(request, note_counted, asked.wanted, by=asked.by, is_export=is_export)
    return page


def _asked(request: web.Request) -> _Asked:
    """The present month where none is named; raises RefusedError for more than a year."""
    zone = signed_in(request).zone
    today = f"{local_day(utc_now(), zone=zone):%Y-%m}"
    first = parse_month(request.query.get("first") or today, field="first")
    last = parse_month(request.query.get("last") or f"{first:%Y-%m}", field="last")
    months = (last.year - first.year) * 12 + last.month - first.month + 1
    if not 0 < months <= MOST_MONTHS:
        raise RefusedError("period-too-long", field="last", limit=MOST_MONTHS)
    return _Asked(
        period=views.Period(first, last),
        wanted=Filter(
            institution_id=queries.optional_id(request, "institution"),
            submitted_from=midnight(first, zone=zone),
            submitted_until=midnight(following(last), zone=zone),
            service_type=queries.optional_choice(request, "service", ServiceType),
        ),
        by=queries.optional_choice(request, "by", GroupedBy) or GroupedBy.INVITING,
    )

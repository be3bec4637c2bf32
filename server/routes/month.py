"""The manager's month: the numbers, the list behind each of them, a year of months, and files."""

from dataclasses import replace
from datetime import date

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.dossiers.statistics import note_counted
from server.doors import Routes
from server.i18n import N_
from server.keys import RULES
from server.month_forms import Asked, asked_of, year_until
from server.months import following
from server.pages import render
from server.requests import signed_in
from server.transactions import in_read, in_unit
from server.views import month as views
from server.views import month_charts, month_json, month_rows
from server.views import month_list as lists
from server.views import month_year as years
from server.views.month_words import meanings
from server.workbooks import XLSX, as_csv, as_workbook

routes = Routes("month")
_CSV = "text/csv"


@routes.get("/month", action=Action.SEE_FIGURES)
async def index(request: web.Request) -> web.Response:
    """The numbers of a month."""
    asked = asked_of(request)
    page = await in_read(request, views.make_page, asked)
    await _note(request, asked, by="month")
    return await render(
        request,
        "month/show.html",
        title=N_("Month"),
        page=page,
        view=month_rows,
        charts=month_charts,
        lists=lists,
        meanings=meanings,
        reader=request,
        earlier=_month_at(asked, year_until(asked.first)[-2]),
        later=_month_at(asked, following(asked.first)),
        may_take=_may_take(request),
    )


@routes.get("/api/month", action=Action.SEE_FIGURES, answer=month_json.MonthAnswer)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    asked = asked_of(request)
    page = await in_read(request, views.make_page, asked)
    await _note(request, asked, by="month")
    return web.json_response(month_json.as_json(page))


@routes.get("/month/year", action=Action.SEE_FIGURES)
async def year(request: web.Request) -> web.Response:
    """Twelve months side by side."""
    asked = asked_of(request)
    page = await in_read(request, years.make_year, asked)
    await _note(request, asked, by="month.year")
    return await render(
        request, "month/year.html", title=N_("Twelve months"), page=page, view=years, reader=request
    )


@routes.get("/month/cases", action=Action.SEE_FIGURES)
async def list_cases(request: web.Request) -> web.Response:
    """The cases that a number counts."""
    asked = asked_of(request)
    page = await in_read(request, lists.make_list, asked)
    await _note(request, asked, by=f"month.{asked.figure}")
    actor = signed_in(request).actor
    overseeing = request.app[RULES].roles.permits(actor, Action.SEE_JOURNAL)
    return await render(
        request,
        "month/cases.html",
        title=N_("Cases of the month"),
        page=page,
        view=lists,
        reader=request,
        case_path="/oversight/cases" if overseeing else "/cases",
        may_take=_may_take(request),
    )


@routes.get("/api/month/cases", action=Action.SEE_FIGURES, answer=lists.MonthCasesAnswer)
async def read_cases(request: web.Request) -> web.Response:
    """The same as JSON."""
    asked = asked_of(request)
    page = await in_read(request, lists.make_list, asked)
    await _note(request, asked, by=f"month.{asked.figure}")
    return web.json_response(lists.list_as_json(page))


@routes.get("/month/table.csv", action=Action.TAKE_FIGURES, takes_out=True)
async def take_csv(request: web.Request) -> web.Response:
    """The table of clinics that Excel and WPS open."""
    asked = asked_of(request)
    page = await in_read(request, views.make_page, asked)
    await _note(request, asked, by="month", is_export=True)
    return _file(asked, as_csv(lists.month_sheets(request, page)[0]), "csv")


@routes.get("/month/table.xlsx", action=Action.TAKE_FIGURES, takes_out=True)
async def take_workbook(request: web.Request) -> web.Response:
    """Every table of the page in one workbook."""
    asked = asked_of(request)
    page = await in_read(request, views.make_page, asked)
    await _note(request, asked, by="month", is_export=True)
    return _file(asked, as_workbook(lists.month_sheets(request, page)), "xlsx")


@routes.get("/month/cases.csv", action=Action.TAKE_FIGURES, takes_out=True)
async def take_cases_csv(request: web.Request) -> web.Response:
    """The list behind a number, whole."""
    asked = asked_of(request)
    page = await in_read(request, lists.make_whole_list, asked)
    await _note(request, asked, by=f"month.{asked.figure}", is_export=True)
    return _file(asked, as_csv(lists.case_sheet(request, page)), "csv")


@routes.get("/month/cases.xlsx", action=Action.TAKE_FIGURES, takes_out=True)
async def take_cases_workbook(request: web.Request) -> web.Response:
    """The same as a workbook."""
    asked = asked_of(request)
    page = await in_read(request, lists.make_whole_list, asked)
    await _note(request, asked, by=f"month.{asked.figure}", is_export=True)
    return _file(asked, as_workbook([lists.case_sheet(request, page)]), "xlsx")


async def _note(request: web.Request, asked: Asked, *, by: str, is_export: bool = False) -> None:
    await in_unit(request, note_counted, asked.wanted, by=by, is_export=is_export)


def _may_take(request: web.Request) -> bool:
    actor = signed_in(request).actor
    return request.app[RULES].roles.permits(actor, Action.TAKE_FIGURES)


def _month_at(asked: Asked, first: date) -> str:
    return replace(asked, first=first).address("/month")


def _file(asked: Asked, body: bytes, kind: str) -> web.Response:
    """A file of this month; no browser keeps it."""
    name = f"month-{asked.month}.{kind}"
    answer = web.Response(
        body=body,
        headers={
            hdrs.CACHE_CONTROL: "no-store",
            hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        },
    )
    answer.content_type = XLSX if kind == "xlsx" else _CSV
    if kind == "csv":
        answer.charset = "utf-8"
    return answer

"""Patients who are due for an exam (复查名单): list, reminders, tracks, opt-out."""

from functools import partial

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.kernel.errors import RefusedError
from consult.reports.alerts.model import Called, Heard
from consult.reports.recalls import service as recalls
from consult.reports.recalls.model import RecallRules, RecallView
from consult.reports.tellings.service import CallSaid
from server.doors import Routes
from server.forms import Body, Line, Text, parse_body
from server.i18n import N_
from server.keys import LANGUAGES, RULES
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.typed import Version
from server.views import recalls as views
from server.views.sign_in import as_json

routes = Routes("recalls")
_BY_GRADE = N_("By the report")


class ReminderBody(Body):
    """A call to patient or family, and what came of it."""

    version: Version
    whom: Called
    result: Heard
    note: Text = ""


class TrackBody(Body):
    """On which track the patient is put; an empty one is what the report says."""

    version: Version
    track: Line = ""


class OptOutBody(Body):
    """Why the patient does not want to be recalled."""

    version: Version
    reason: Text


@routes.get("/recalls", action=Action.TELL_PATIENT)
async def index(request: web.Request) -> web.Response:
    """One tab of the list."""
    page = await in_read(request, views.make_list, view=_view(request), rules=_rules(request))
    return await _render(request, "recalls/list.html", page)


@routes.get("/recalls/print", action=Action.TELL_PATIENT)
async def show_paper(request: web.Request) -> web.Response:
    """The same on paper; of whom is written down."""
    page = await in_unit(request, views.print_list, view=_view(request), rules=_rules(request))
    return await _render(request, "recalls/paper.html", page)


@routes.get("/api/recalls", action=Action.TELL_PATIENT, answer=views.RecallsAnswer)
async def list_recalls(request: web.Request) -> web.Response:
    """The same as JSON."""
    return as_json(
        await in_read(request, views.list_as_json, view=_view(request), rules=_rules(request))
    )


@routes.get("/recalls/{case_id}", action=Action.TELL_PATIENT, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """One patient: since when she is due, what was tried."""
    page = await in_unit(
        request, views.make_page, case_id=path_id(request, "case_id"), rules=_rules(request)
    )
    return await _render(request, "recalls/show.html", page)


@routes.post(
    "/api/cases/{case_id}/recall/calls",
    action=Action.TELL_PATIENT,
    owns=ObjectType.CASE,
    body=ReminderBody,
    answer=views.RecallAnswer,
)
async def log_call(request: web.Request) -> web.Response:
    """Write down that the patient was reminded, or called in vain."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, ReminderBody)
    recall = await in_unit(
        request,
        recalls.log_call,
        case_id=case_id,
        revision=body.version,
        said=CallSaid(body.whom, body.result, body.note),
    )
    return as_json(views.as_answer(recall, location=f"/recalls/{case_id}"))


@routes.post(
    "/api/cases/{case_id}/recall/track",
    action=Action.TELL_PATIENT,
    owns=ObjectType.CASE,
    body=TrackBody,
    answer=views.RecallAnswer,
)
async def change_track(request: web.Request) -> web.Response:
    """Put the patient on a track; her day moves with it."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, TrackBody)
    recall = await in_unit(
        request,
        recalls.change_track,
        case_id=case_id,
        revision=body.version,
        track=body.track,
        rules=_rules(request),
    )
    return as_json(views.as_answer(recall, location=f"/recalls/{case_id}"))


@routes.post(
    "/api/cases/{case_id}/recall/opt-out",
    action=Action.TELL_PATIENT,
    owns=ObjectType.CASE,
    body=OptOutBody,
    answer=views.RecallAnswer,
)
async def opt_out(request: web.Request) -> web.Response:
    """The patient does not want to be recalled any more."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, OptOutBody)
    recall = await in_unit(
        request, recalls.opt_out, case_id=case_id, revision=body.version, reason=body.reason
    )
    return as_json(views.as_answer(recall, location="/recalls"))


async def _render(
    request: web.Request, template: str, page: views.RecallsPage | views.RecallPage
) -> web.Response:
    tongue, rules = language(request), _rules(request)
    by_grade = request.app[LANGUAGES].text(tongue, _BY_GRADE)
    text = partial(views.track_text, rules, language=tongue, by_grade=by_grade)
    return await render(
        request,
        template,
        title=N_("Recall list"),
        page=page,
        track_text=text,
        tracks=[(code, text(code)) for code in ("", *rules.tracks)],
    )


def _rules(request: web.Request) -> RecallRules:
    return request.app[RULES].after.recalls


def _view(request: web.Request) -> RecallView:
    view = request.query.get("view", RecallView.OVERDUE)
    if view not in set(RecallView):
        raise RefusedError("field-not-a-choice", field="view")
    return RecallView(view)

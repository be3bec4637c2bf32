"""Cases as the clinic sees them: listed, opened, looked at, taken back."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.cases import service as cases
from consult.cases import service_draft, service_end
from consult.cases.model import Case, ServiceType
from consult.cases.views import CaseView
from consult.kernel.errors import RefusedError
from consult.kernel.ids import is_id
from server.doors import Routes
from server.forms import Body, Id, Text, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import path_id, signed_in
from server.transactions import in_read, in_unit
from server.typed import Version
from server.views import case_json, case_page
from server.views import cases as views
from server.views.unread import unread_for

routes = Routes("cases")
_LONGEST_POSITION = 18


class OpenBody(Body):
    """A new case."""

    patient_id: Id
    service_type: ServiceType
    panel_id: Id


class EndBody(Body):
    """Why a case ends."""

    version: Version
    reason: Text = ""


@routes.get("/cases", action=Action.PREPARE_CASE)
async def index(request: web.Request) -> web.Response:
    """The clinic's cases, one tab of them."""
    page = await _list(request)
    return await render(
        request,
        "cases/list.html",
        title=N_("My cases"),
        page=page,
        unread=await unread_for(request),
        may_receive=request.app[RULES].roles.permits(
            signed_in(request).actor, Action.RECEIVE_REPORT
        ),
        **views.words_for(request),
    )


@routes.get("/api/cases", action=Action.PREPARE_CASE, answer=case_json.CasesAnswer)
async def list_cases(request: web.Request) -> web.Response:
    """The same as JSON."""
    return web.json_response(case_json.list_as_json(await _list(request)))


@routes.get("/cases/new", action=Action.PREPARE_CASE)
async def new(request: web.Request) -> web.Response:
    """Which service, and before which panel."""
    rules = request.app[RULES].cases.routing
    patient_id = _query_id(request, "patient")
    page = await in_read(request, views.make_new_page, patient_id, rules=rules)
    return await render(request, "cases/new.html", title=N_("New case"), page=page)


@routes.post("/api/cases", action=Action.PREPARE_CASE, body=OpenBody, answer=case_json.CaseAnswer)
async def open_case(request: web.Request) -> web.Response:
    """Open a draft."""
    body = await parse_body(request, OpenBody)
    case = await in_unit(
        request,
        service_draft.open_case,
        patient_id=body.patient_id,
        service_type=body.service_type,
        panel_id=body.panel_id,
        rules=request.app[RULES].cases,
    )
    return _answer(case, location=f"/cases/{case.id}")


@routes.get("/cases/{case_id}", action=Action.SEE_CASE, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """One case: the draft to fill in, or what became of it."""
    rules, case_id = request.app[RULES], path_id(request, "case_id")
    readiness = await in_unit(request, case_page.enter, case_id, rules)
    before = _query_position(request)
    found = await in_read(
        request, case_page.gather, case_id, rules, readiness=readiness, before=before
    )
    page = case_page.of_case(request, found)
    return await render(
        request,
        "cases/draft.html" if page.is_editable else "cases/show.html",
        title=N_("Case"),
        page=page,
        parts=page.parts,
        form=rules.cases.forms[page.case.service_type],
        consent_rules=rules.cases.consent,
        **views.words_for(request),
    )


@routes.get(
    "/api/cases/{case_id}",
    action=Action.SEE_CASE,
    owns=ObjectType.CASE,
    answer=case_json.CaseAnswer,
)
async def read(request: web.Request) -> web.Response:
    """One case as JSON."""
    return _answer(await in_unit(request, cases.open_case_page, path_id(request, "case_id")))


@routes.get(
    "/api/cases/{case_id}/timeline",
    action=Action.SEE_CASE,
    owns=ObjectType.CASE,
    answer=case_json.TimelineAnswer,
)
async def timeline(request: web.Request) -> web.Response:
    """What happened to a case, newest first; `before` names the oldest line that is known."""
    lines = await in_read(
        request,
        cases.timeline,
        path_id(request, "case_id"),
        kinds=request.app[RULES].terms.told_kinds(),
        before=_query_position(request),
    )
    return web.json_response(case_json.timeline_as_json(lines))


@routes.post(
    "/api/cases/{case_id}/withdraw",
    action=Action.WITHDRAW_CASE,
    owns=ObjectType.CASE,
    body=EndBody,
    answer=case_json.CaseAnswer,
)
async def withdraw(request: web.Request) -> web.Response:
    """Take a case back."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, EndBody)
    case = await in_unit(
        request,
        service_end.withdraw_case,
        case_id=case_id,
        revision=body.version,
        reason=body.reason,
    )
    return _answer(case, location=f"/cases/{case.id}")


async def _list(request: web.Request) -> views.CasesPage:
    view, before = request.query.get("view", "drafts"), request.query.get("before")
    if view not in set(CaseView) or (before is not None and not is_id(before)):
        raise RefusedError("field-not-a-choice", field="view")
    return await in_read(request, views.make_list, view=CaseView(view), before=before)


def _query_id(request: web.Request, name: str) -> str:
    text = request.query.get(name, "")
    if not is_id(text):
        raise RefusedError("field-malformed", field=name)
    return text


def _query_position(request: web.Request) -> int | None:
    """A line of the journal; raises RefusedError: it is no number."""
    text = request.query.get("before")
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_POSITION):
        raise RefusedError("field-malformed", field="before")
    return int(text)


def _answer(case: Case, *, location: str | None = None) -> web.Response:
    return web.json_response(case_json.case_as_json(case, location=location))

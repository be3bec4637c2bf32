"""The experts' list and its steps: take, keep, put back, decline."""

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.cases.model import Case
from consult.kernel.ids import CaseId
from consult.queue import service as queue
from consult.queue.model import Tab
from server.doors import Routes
from server.forms import Body, Reason, parse_body
from server.keys import RULES
from server.moments import format_left
from server.pages import render
from server.requests import language, path_id, query_page, signed_in
from server.transactions import in_read, in_unit, utc_now
from server.views.at_once import make_at_once
from server.views.evening import make_row, onward_location
from server.views.rereads import make_rereads
from server.views.unread import unread_for
from server.views.worklist import Step, list_address, make_worklist

routes = Routes("queue")


class ReasonBody(Body):
    """Why a case is declined."""

    reason: Reason


class Lease(BaseModel):
    """Until when the case is kept for its reader."""

    until: str


class QueuedCaseAnswer(BaseModel):
    """One case of the list, without the patient's name."""

    case_id: str
    number: str
    priority: str
    status: str
    service_type: str
    report_by: str
    image_count: int
    is_mine: bool
    is_taken: bool
    is_kept: bool
    declines: int
    is_pressed: bool


class WorklistAnswer(BaseModel):
    """The open work list in order of promise."""

    cases: list[QueuedCaseAnswer]
    next_page: int | None


@routes.get("/worklist", action=Action.SEE_WORKLIST)
async def show(request: web.Request) -> web.Response:
    """The list as a page."""
    page = await in_read(
        request,
        make_worklist,
        tab=_tab(request),
        rules=request.app[RULES],
        page=query_page(request),
    )
    rereads = await in_read(request, make_rereads)
    row = None
    if request.app[RULES].roles.permits(signed_in(request).actor, Action.CLAIM_CASE):
        row = await in_read(request, make_row, limits=request.app[RULES].queue)
    told = await in_read(request, make_at_once, rules=request.app[RULES].second)
    tongue, now = language(request), utc_now()
    return await render(
        request,
        "queue/list.html",
        title="To read",
        page=page,
        rereads=rereads,
        at_once=told,
        unread=await unread_for(request),
        row=row,
        is_over="evening" in request.query,
        may_claim=request.app[RULES].roles.permits(signed_in(request).actor, Action.CLAIM_CASE),
        left=lambda at: format_left(at, now=now, language=tongue),
        left_from=lambda at, since: format_left(at, now=since, language=tongue)[0],
    )


@routes.get("/api/queue", action=Action.SEE_WORKLIST, answer=WorklistAnswer)
async def list_queue(request: web.Request) -> web.Response:
    """The list as data."""
    page = await in_read(
        request,
        make_worklist,
        tab=_tab(request),
        rules=request.app[RULES],
        page=query_page(request),
    )
    answer = WorklistAnswer(
        cases=[
            QueuedCaseAnswer(
                case_id=row.id,
                number=row.number,
                priority=row.priority,
                status=row.status,
                service_type=row.service_type,
                report_by=row.report_by.isoformat(),
                image_count=row.image_count,
                is_mine=row.is_mine,
                is_taken=row.taken_by is not None,
                is_kept=row.kept is not None,
                declines=row.declines,
                is_pressed=row.is_pressed,
            )
            for row in page.rows
        ],
        next_page=page.next_page,
    )
    return web.json_response(answer.model_dump())


@routes.post(
    "/api/queue/{case_id}/claim", action=Action.CLAIM_CASE, owns=ObjectType.CASE, answer=Step
)
async def claim(request: web.Request) -> web.Response:
    """Take a waiting case and go to its images."""
    case = await in_unit(
        request, queue.claim_case, case_id=_case_id(request), limits=request.app[RULES].queue
    )
    return _step(case, f"/cases/{case.id}/reading")


@routes.post(
    "/api/queue/{case_id}/renew", action=Action.CLAIM_CASE, owns=ObjectType.CASE, answer=Lease
)
async def renew(request: web.Request) -> web.Response:
    """Keep a taken case while its page is open."""
    until = await in_unit(
        request, queue.renew_lease, case_id=_case_id(request), limits=request.app[RULES].queue
    )
    return web.json_response(Lease(until=until.isoformat()).model_dump())


@routes.post(
    "/api/queue/{case_id}/release", action=Action.CLAIM_CASE, owns=ObjectType.CASE, answer=Step
)
async def release(request: web.Request) -> web.Response:
    """Put a taken case back at its place."""
    case = await in_unit(request, queue.release_case, case_id=_case_id(request))
    return _step(case, list_address(case.service_type))


@routes.post(
    "/api/queue/{case_id}/decline",
    action=Action.CLAIM_CASE,
    owns=ObjectType.CASE,
    body=ReasonBody,
    answer=Step,
)
async def decline(request: web.Request) -> web.Response:
    """Decline a case with a reason."""
    body = await parse_body(request, ReasonBody)
    case = await in_unit(
        request,
        queue.decline_case,
        case_id=_case_id(request),
        reason=body.reason,
        limits=request.app[RULES].queue,
    )
    row = request.app[RULES].queue.row
    return _step(case, await in_read(request, onward_location, case=case, rules=row))


def _case_id(request: web.Request) -> CaseId:
    return CaseId(path_id(request, "case_id"))


def _tab(request: web.Request) -> Tab:
    wish = request.query.get("tab", "")
    return Tab(wish) if wish in set(Tab) else Tab.READ


def _step(case: Case, location: str) -> web.Response:
    return web.json_response(
        Step(case_id=case.id, status=case.status, location=location).model_dump()
    )

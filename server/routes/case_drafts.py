"""The steps of a draft: kept as it is typed, given another urgency or service, submitted."""

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.cases import service_draft, service_submit
from consult.cases.model import Case, Priority, ServiceType
from consult.kernel.errors import PartlyKeptError
from server.case_answers import read_controls
from server.doors import Routes
from server.forms import Body, Id, Text, parse_body
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_unit
from server.typed import Version
from server.views import case_json

routes = Routes("cases")

AnswerBody = str | int | float | list[str] | dict[str, str]


class AnswersBody(Body):
    """The form as it stands on the page; `not_known` holds 不详 and 未查 beside a field."""

    version: Version
    answers: dict[str, AnswerBody] = Field(default={}, max_length=100)
    not_known: dict[str, str] = Field(default={}, max_length=100)
    question: Text | None = None


class PriorityBody(Body):
    """Another urgency, with its reason."""

    version: Version
    priority: Priority
    reason: Text = ""


class ServiceBody(Body):
    """Another service or panel."""

    version: Version
    service_type: ServiceType
    panel_id: Id


class GiveUpBody(Body):
    """Why a draft is given up."""

    version: Version
    reason: Text = ""


@routes.post(
    "/api/cases/{case_id}/answers",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=AnswersBody,
    answer=case_json.CaseAnswer,
)
async def save_answers(request: web.Request) -> web.Response:
    """Keep what has been filled in so far; what cannot be read is named and costs nothing else."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, AnswersBody)
    case, problems = await in_unit(
        request,
        service_draft.keep_readable,
        case_id=case_id,
        revision=body.version,
        answers=read_controls(body.answers, body.not_known),
        question=body.question,
        rules=request.app[RULES].cases,
    )
    if problems:
        raise PartlyKeptError(problems, version=case.revision)
    return _answer(case)


@routes.post(
    "/api/cases/{case_id}/submit",
    action=Action.SUBMIT_CASE,
    owns=ObjectType.CASE,
    body=AnswersBody,
    answer=case_json.CaseAnswer,
)
async def submit(request: web.Request) -> web.Response:
    """Send the case with the answers that are on the page."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, AnswersBody)
    case = await in_unit(
        request,
        service_submit.submit_with_answers,
        case_id=case_id,
        revision=body.version,
        answers=read_controls(body.answers, body.not_known),
        question=body.question,
        rules=request.app[RULES].cases,
    )
    return _answer(case, location=f"/cases/{case.id}")


@routes.post(
    "/api/cases/{case_id}/priority",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=PriorityBody,
    answer=case_json.CaseAnswer,
)
async def override_priority(request: web.Request) -> web.Response:
    """Set another urgency than the rule's."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, PriorityBody)
    case = await in_unit(
        request,
        service_draft.override_priority,
        case_id=case_id,
        revision=body.version,
        priority=body.priority,
        reason=body.reason,
    )
    return _answer(case)


@routes.post(
    "/api/cases/{case_id}/service",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=ServiceBody,
    answer=case_json.CaseAnswer,
)
async def change_service(request: web.Request) -> web.Response:
    """Ask for another service."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, ServiceBody)
    case = await in_unit(
        request,
        service_draft.change_service,
        case_id=case_id,
        revision=body.version,
        service_type=body.service_type,
        panel_id=body.panel_id,
        rules=request.app[RULES].cases,
    )
    return _answer(case, location=f"/cases/{case.id}")


@routes.post(
    "/api/cases/{case_id}/cancel",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=GiveUpBody,
    answer=case_json.CaseAnswer,
)
async def cancel(request: web.Request) -> web.Response:
    """Give up a draft."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, GiveUpBody)
    case = await in_unit(
        request,
        service_draft.cancel_case,
        case_id=case_id,
        revision=body.version,
        reason=body.reason,
    )
    return _answer(case, location=f"/cases/{case.id}")


def _answer(case: Case, *, location: str | None = None) -> web.Response:
    return web.json_response(case_json.case_as_json(case, location=location))

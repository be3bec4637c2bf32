"""Earlier exams of a case's patient (检查结果互认, IMG-12): looked at, used, given up, repeated."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.cases import service_submit
from consult.cases.images import service as images
from consult.cases.recognition import service as recognition
from consult.cases.service_draft import EDITABLE
from consult.kernel.work import Work
from server.doors import Routes
from server.forms import Body, Id, Line, Text, parse_body
from server.keys import RULES
from server.requests import path_id
from server.rules.rulebook import Rulebook
from server.transactions import in_unit
from server.views import exams as views
from server.views.sign_in import as_json

routes = Routes("exams")
_OWN = {"action": Action.PREPARE_CASE, "owns": ObjectType.CASE, "answer": views.ExamsView}


class ExamBody(Body):
    """Which of the exams that were offered."""

    exam_id: Id


class RepeatBody(Body):
    """Why an exam of this kind is taken again; some reasons need words."""

    kind: Line
    reason: Line | None = None
    note: Text = ""


@routes.get("/api/cases/{case_id}/exams", **_OWN)
async def index(request: web.Request) -> web.Response:
    """The valid earlier exams for which an open case asks; the journal says who was shown them."""
    return await _answer(request)


@routes.post("/api/cases/{case_id}/exams/use", body=ExamBody, **_OWN)
async def use(request: web.Request) -> web.Response:
    """Let the case rest on an earlier exam."""
    body = await parse_body(request, ExamBody)
    await in_unit(
        request,
        recognition.use_exam,
        case_id=path_id(request, "case_id"),
        recognition_id=body.exam_id,
        book=request.app[RULES].cases.recognition,
    )
    return await _answer(request)


@routes.post("/api/cases/{case_id}/exams/give-up", body=ExamBody, **_OWN)
async def give_up(request: web.Request) -> web.Response:
    """Do without it after all."""
    body = await parse_body(request, ExamBody)
    await in_unit(
        request,
        recognition.give_up_exam,
        case_id=path_id(request, "case_id"),
        recognition_id=body.exam_id,
    )
    return await _answer(request)


@routes.post("/api/cases/{case_id}/exams/repeat", body=RepeatBody, **_OWN)
async def repeat(request: web.Request) -> web.Response:
    """Say why it is taken again."""
    body = await parse_body(request, RepeatBody)
    await in_unit(
        request,
        recognition.say_repeat,
        case_id=path_id(request, "case_id"),
        kind=body.kind,
        reason=body.reason or "",
        note=body.note,
        book=request.app[RULES].cases.recognition,
    )
    return await _answer(request)


async def _answer(request: web.Request) -> web.Response:
    found = await in_unit(request, _gather, path_id(request, "case_id"), request.app[RULES])
    return as_json(found.said_to(request))


def _gather(work: Work, case_id: str, rules: Rulebook) -> views.Found:
    """A case that is under way is offered nothing any more."""
    case = images.get_own_case(work, case_id)
    if case.status not in EDITABLE:
        return views.make_part(work, case, rules) or views.gather(work, case, rules, ())
    found = service_submit.check_readiness(work, case, rules=rules.cases)
    return views.gather(work, case, rules, found.exams)

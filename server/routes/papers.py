"""Photographs of signed consents at the clinic's computer, by file or telephone; what is due."""

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.cases.papers import awaited, links
from consult.cases.papers import service as papers
from consult.cases.papers.model import PaperKind, Purpose
from consult.studies.uploads.model import NewUpload
from server.auth.cookies import hash_token, make_token
from server.auth.fields import NothingBody
from server.doors import Routes
from server.forms import Body, Text, parse_body
from server.i18n import N_
from server.intake.paper_reading import read_photograph
from server.intake.papers import keep_bytes
from server.keys import RULES
from server.pages import render
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.views import papers as views
from server.views.papers import DuePage, PaperLinkAnswer
from server.views.room_links import address_of
from server.views.sign_in import as_json

routes = Routes("papers")


class RemoveBody(Body):
    """Why a photograph does not belong here."""

    reason: Text = ""


class DueCountAnswer(BaseModel):
    """How many photographs of consents are due."""

    count: int


class DoneAnswer(BaseModel):
    """Whether it was done."""

    done: bool


@routes.get("/papers", action=Action.PREPARE_CASE)
async def list_due(request: web.Request) -> web.Response:
    """The consents on paper whose photograph is still to come, the most urgent first."""
    page: DuePage = await in_read(request, views.make_due_page, request.app[RULES])
    return await render(request, "papers/list.html", title=N_("Consents to photograph"), page=page)


@routes.get("/api/papers/count", action=Action.PREPARE_CASE, answer=DueCountAnswer)
async def count_due(request: web.Request) -> web.Response:
    """How many of them there are."""
    return as_json(DueCountAnswer(count=await in_read(request, awaited.count_due)))


@routes.post(
    "/api/cases/{case_id}/papers/link",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=NothingBody,
    answer=PaperLinkAnswer,
)
async def make_link(request: web.Request) -> web.Response:
    """A code for one telephone and this case; it takes the one before it back."""
    await parse_body(request, NothingBody)
    token = make_token()
    link = await in_unit(
        request,
        links.make_link,
        case_id=path_id(request, "case_id"),
        token_hash=hash_token(token),
        rules=request.app[RULES].papers,
    )
    return as_json(views.link_answer(link, address_of(request, f"papers/{token}")))


@routes.post(
    "/api/cases/{case_id}/papers/link/end",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=NothingBody,
    answer=DoneAnswer,
)
async def end_link(request: web.Request) -> web.Response:
    """Take the code back; the telephone that used it is out at once."""
    await parse_body(request, NothingBody)
    await in_unit(request, links.end_links, case_id=path_id(request, "case_id"))
    return as_json(DoneAnswer(done=True))


@routes.post(
    "/api/cases/{case_id}/papers",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    answer=DoneAnswer,
)
async def send(request: web.Request) -> web.Response:
    """A photograph or scan of the signed consent, in one piece."""
    case_id = path_id(request, "case_id")
    await in_read(request, papers.get_paper_case, case_id)
    data = await read_photograph(request)
    new = NewUpload(
        file_name=views.PHOTOGRAPH_NAME,
        size_bytes=len(data),
        key=await keep_bytes(request.app, data),
    )
    await in_unit(
        request,
        papers.receive,
        new,
        purpose=Purpose(case_id, PaperKind.CONSENT),
        rules=request.app[RULES].papers,
        limits=request.app[RULES].images.limits,
    )
    return as_json(DoneAnswer(done=True))


@routes.post(
    "/api/cases/{case_id}/papers/{paper_id}/remove",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    body=RemoveBody,
    answer=DoneAnswer,
)
async def remove(request: web.Request) -> web.Response:
    """Take a photograph away that shows something else, with the reason."""
    case_id, paper_id = path_id(request, "case_id"), path_id(request, "paper_id")
    body = await parse_body(request, RemoveBody)
    await in_unit(
        request, papers.remove_paper, case_id=case_id, paper_id=paper_id, reason=body.reason
    )
    return as_json(DoneAnswer(done=True))

"""A telephone that photographs papers for one case (U21): its only doors, without an account.

They know nobody but the browser that used a link up, by a cookie that no other door reads. A GET
uses nothing up: cameras and chat programs fetch addresses before anybody reads them.
"""

from http import HTTPStatus
from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, BaseModel, StringConstraints

from consult.cases.papers import links
from consult.cases.papers import service as papers
from consult.cases.papers.errors import TelephoneUnknownError
from consult.cases.papers.model import LinkState, PaperKind, Purpose
from consult.kernel.errors import RefusedError
from consult.studies.uploads.model import NewUpload
from server.auth.cookies import hash_token, make_token, read_telephone, set_telephone
from server.auth.fields import NothingBody
from server.doors import Routes
from server.forms import Body, one_line, parse_body
from server.i18n import N_
from server.intake.paper_reading import read_photograph
from server.intake.papers import keep_bytes
from server.keys import RULES, UNITS
from server.pages import render
from server.requests import ZONE
from server.rooms.guests import give_back, spend
from server.transactions import as_system, as_system_read, write_as
from server.views import papers as views
from server.views.sign_in import as_json

routes = Routes("join_papers")
_TITLE = N_("Photograph papers")
_LONGEST_TOKEN = 64
_Token = Annotated[
    str, StringConstraints(min_length=1, max_length=_LONGEST_TOKEN), AfterValidator(one_line)
]


class UseBody(Body):
    """Which link is used up."""

    token: _Token


class TelephoneAnswer(BaseModel):
    """Where the browser goes on."""

    location: str


class SentAnswer(BaseModel):
    """How many photographs can still come by the link."""

    left: int


@routes.get("/join/papers/{token}", public=True)
async def show(request: web.Request) -> web.Response:
    """For whom and where, and a button: nothing is used up by this."""
    token = request.match_info["token"][:_LONGEST_TOKEN]
    await spend(request)
    found = await as_system_read(request.app, views.find_invited, token_hash=hash_token(token))
    if found is None:
        return await _gone(request, "unknown")
    await give_back(request)
    if found.state is LinkState.USED and await _is_own(request, hash_token(token)):
        return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/join/papers"})
    if found.state is not LinkState.FRESH:
        return await _gone(request, found.state.value)
    request[ZONE] = found.place.zone
    return await render(request, "papers/invited.html", title=_TITLE, page=found, token=token)


@routes.get("/join/papers", public=True)
async def go_on(request: web.Request) -> web.Response:
    """The telephone's page: what it may photograph, and what became of what it has sent."""
    try:
        found = await as_system_read(
            request.app,
            views.make_telephone,
            session_hash=_session(request),
            rules=request.app[RULES].papers,
        )
    except TelephoneUnknownError:
        return await _gone(request, "unknown")
    if found.invited.state is not LinkState.USED:
        return await _gone(request, found.invited.state.value)
    request[ZONE] = found.invited.place.zone
    return await render(
        request,
        "papers/telephone.html",
        title=_TITLE,
        page=found,
        came=views.came_of(request, found),
    )


@routes.post("/api/join/papers", public=True, body=UseBody, answer=TelephoneAnswer)
async def use(request: web.Request) -> web.Response:
    """Use the link up, once: this telephone photographs from now on."""
    body = await parse_body(request, UseBody)
    await spend(request)
    token = make_token()
    await as_system(
        request.app,
        links.use,
        token_hash=hash_token(body.token),
        session_hash=hash_token(token),
    )
    await give_back(request)
    response = as_json(TelephoneAnswer(location="/join/papers"))
    set_telephone(request, response, token)
    return response


@routes.post("/api/join/papers/photographs/{kind}", public=True, answer=SentAnswer)
async def send(request: web.Request) -> web.Response:
    """One photograph, in one piece; what is no picture is refused by the check of every upload."""
    kind = _kind(request)
    rules, roles = request.app[RULES].papers, request.app[RULES].roles
    link, actor = await as_system_read(
        request.app, links.find_sender, session_hash=_session(request), roles=roles
    )
    data = await read_photograph(request)
    new = NewUpload(
        file_name=views.PHOTOGRAPH_NAME,
        size_bytes=len(data),
        key=await keep_bytes(request.app, data),
    )
    await write_as(
        request.app[UNITS],
        actor,
        papers.receive,
        new,
        purpose=Purpose(link.case_id, kind, link),
        rules=rules,
        limits=request.app[RULES].images.limits,
    )
    return as_json(SentAnswer(left=max(rules.most_photographs - link.taken - 1, 0)))


@routes.post("/api/join/papers/end", public=True, body=NothingBody, answer=TelephoneAnswer)
async def end(request: web.Request) -> web.Response:
    """Everything is photographed: the telephone is out."""
    await parse_body(request, NothingBody)
    await as_system(request.app, links.end_own, session_hash=_session(request))
    return as_json(TelephoneAnswer(location="/join/papers"))


def _kind(request: web.Request) -> PaperKind:
    try:
        return PaperKind(request.match_info["kind"])
    except ValueError:
        raise RefusedError("paper-type") from None


def _session(request: web.Request) -> str:
    token = read_telephone(request)
    if token is None:
        raise TelephoneUnknownError
    return hash_token(token)


async def _is_own(request: web.Request, token_hash: str) -> bool:
    try:
        session_hash = _session(request)
    except TelephoneUnknownError:
        return False
    return await as_system_read(
        request.app, links.is_owner, token_hash=token_hash, session_hash=session_hash
    )


async def _gone(request: web.Request, why: str) -> web.Response:
    """In plain words why this leads nowhere, and what to do."""
    return await render(request, "papers/gone.html", title=_TITLE, status=HTTPStatus.GONE, why=why)

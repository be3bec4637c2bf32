"""Coming into one room by a link, without an account (VID-09): the guest's only doors.

They and those of `join_room.py` know nobody but the browser that used a link up, by a cookie that
no other door reads, and they end with the room. A GET uses nothing up: chat programs fetch links
before anybody reads them.
"""

from http import HTTPStatus
from typing import Annotated

from aiohttp import web
from pydantic import AfterValidator, BaseModel, StringConstraints

from consult.kernel.errors import RefusedError
from consult.rooms.links import service_guest
from consult.rooms.links.errors import GuestUnknownError
from consult.rooms.links.model import LinkState, Said, is_settled
from server.auth.cookies import hash_token, make_token, set_guest
from server.auth.fields import Name
from server.doors import Routes
from server.forms import Body, one_line, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.pdf.qr import make_qr
from server.requests import ZONE
from server.rooms.guests import give_back, guest_of, session_of, spend
from server.rooms.placing import desk_of
from server.transactions import as_system, as_system_read
from server.views import join as views
from server.views.room_links import address_of
from server.views.sign_in import as_json

routes = Routes("join")
_TITLE = N_("Video consultation")
_LONGEST_TOKEN = 64
_LOOKS_AGAIN_S = "20"
_Token = Annotated[
    str, StringConstraints(min_length=1, max_length=_LONGEST_TOKEN), AfterValidator(one_line)
]
_Tail = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=12), AfterValidator(one_line)
]
_Known = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(one_line)
]


class UseBody(Body):
    """Which link is used up."""

    token: _Token


class IdentityBody(Body):
    """What a person says of herself; a relative names the patient as well."""

    name: Name
    patient_name: _Known = ""
    tail: _Tail = ""


class LocationAnswer(BaseModel):
    """Where the browser goes on."""

    location: str


@routes.get("/join/{token}", public=True)
async def show(request: web.Request) -> web.Response:
    """Who invites, and what will happen: nothing is used up by this."""
    token_hash = hash_token(request.match_info["token"][:_LONGEST_TOKEN])
    await spend(request)
    found = await as_system_read(request.app, views.make_invitation, token_hash=token_hash)
    if found is None:
        return await _gone(request, "unknown")
    await give_back(request)
    if found.state is LinkState.USED and await _is_own(request, token_hash):
        return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": "/join"})
    token = request.match_info["token"]
    if found.state in {LinkState.EARLY, LinkState.WAITING}:
        return await _early(request, found, token)
    if found.state is not LinkState.FRESH:
        return await _gone(request, found.state.value)
    request[ZONE] = found.zone
    return await render(request, "join/invited.html", title=_TITLE, page=found, token=token)


@routes.get("/join", public=True)
async def go_on(request: web.Request) -> web.Response:
    """Where the browser stands that used a link up: who are you, the call, or the camera alone."""
    try:
        guest = await guest_of(request)
    except GuestUnknownError:
        return await _gone(request, "unknown")
    if guest.is_over or guest.link.revoked_at is not None:
        return await _gone(request, "over" if guest.is_over else "revoked")
    desk_of(request.app)
    if not guest.link.is_guest:
        return await render(request, "join/companion.html", title=_TITLE, page=guest.link)
    if not is_settled(guest.link, request.app[RULES].rooms.links.tries):
        asked = await as_system_read(
            request.app, views.make_question, session_hash=session_of(request)
        )
        return await render(request, "join/identity.html", title=_TITLE, page=asked)
    page = views.GuestPage(guest.link.person_id, guest.link.for_whom)
    years = request.app[RULES].retention.of_recordings.years
    return await render(
        request, "rooms/show.html", title=_TITLE, page=page, talk=None, recording_years=years
    )


@routes.post("/api/join", public=True, body=UseBody, answer=LocationAnswer)
async def use(request: web.Request) -> web.Response:
    """Use the link up, once: this browser is the guest's from now on."""
    body = await parse_body(request, UseBody)
    desk_of(request.app)
    await spend(request)
    token = make_token()
    await as_system(
        request.app,
        service_guest.use,
        token_hash=hash_token(body.token),
        session_hash=hash_token(token),
    )
    await give_back(request)
    response = as_json(LocationAnswer(location="/join"))
    set_guest(request, response, token)
    return response


@routes.post("/api/join/identity", public=True, body=IdentityBody, answer=LocationAnswer)
async def identify(request: web.Request) -> web.Response:
    """Compare name and last four with the record; so many tries, and none of them is kept."""
    body = await parse_body(request, IdentityBody)
    answered = await as_system(
        request.app,
        service_guest.identify,
        session_hash=session_of(request),
        said=Said(body.name, body.patient_name, body.tail),
        rules=request.app[RULES].rooms.links,
    )
    if not answered.is_settled:
        raise RefusedError("guest-not-matched", field="tail", left=answered.left)
    return as_json(LocationAnswer(location="/join"))


async def _early(request: web.Request, page: views.Invited, token: str) -> web.Response:
    """When it opens and what is needed, as a sheet to print."""
    request[ZONE] = page.zone
    address = address_of(request, token)
    code = make_qr(address)
    response = await render(
        request, "join/early.html", title=_TITLE, page=page, address=address, code=code
    )
    if page.state is LinkState.WAITING:
        response.headers["Refresh"] = _LOOKS_AGAIN_S
    return response


async def _is_own(request: web.Request, token_hash: str) -> bool:
    try:
        session_hash = session_of(request)
    except GuestUnknownError:
        return False
    return await as_system_read(
        request.app, service_guest.is_owner, token_hash=token_hash, session_hash=session_hash
    )


async def _gone(request: web.Request, why: str) -> web.Response:
    """In plain words why this leads nowhere, and what to do."""
    return await render(request, "join/gone.html", title=_TITLE, status=HTTPStatus.GONE, why=why)

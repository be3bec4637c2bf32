"""The page of a case's video room: devices, the door, the call."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from server.doors import Routes
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import language, path_id
from server.rooms.looking import sight_of
from server.rooms.placing import desk_of
from server.security import POLICY, VIEWER_POLICY
from server.transactions import in_read
from server.views import cases as case_views
from server.views.room_page import make_room_page

routes = Routes("room_page")


@routes.get("/cases/{case_id}/room", action=Action.ENTER_ROOM, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """The page, which asks `/api/cases/{case_id}/room` for everything that changes."""
    rules, case_id = request.app[RULES], path_id(request, "case_id")
    page = await in_read(request, make_room_page, case_id, rules=rules, sight=sight_of(request))
    desk_of(request.app)
    answer = await render(
        request,
        "rooms/show.html",
        title=N_("Video consultation"),
        page=page,
        talk=page.talk,
        viewing=rules.viewing.told_in(language(request)),
        recording_years=request.app[RULES].retention.of_recordings.years,
        **case_views.words_for(request),
    )
    answer.headers[POLICY] = VIEWER_POLICY
    return answer

"""What reaches a person outside the page, and, for administrators, what does not get through."""

from typing import Annotated, Final

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from consult.access.model import Action
from consult.notices import service
from consult.notices.model import (
    LONGEST_ADDRESS,
    LONGEST_SECRET,
    NoticeEvent,
    WayForm,
    WayKind,
    parse_digests,
)
from server.auth.fields import NothingBody
from server.doors import Routes
from server.forms import Body, one_line, parse_body
from server.i18n import N_
from server.keys import RULES, SETTINGS
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit
from server.views import notices as views
from server.views.sign_in import Moved, as_document, moved

routes = Routes("notices")
_OWN: Final = "/account/notices"
_ALL: Final = "/admin/notices"
_LONGEST_TIMES: Final = 60
_ACTION: Final = Action.ADMINISTER_INSTALLATION
_Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_ADDRESS),
    AfterValidator(one_line),
]
_Secret = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=LONGEST_SECRET),
    AfterValidator(one_line),
]
_Times = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=_LONGEST_TIMES),
    AfterValidator(one_line),
]
_Time = Annotated[str, StringConstraints(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")]


class WayBody(Body):
    """A way by which the person is told, and what of."""

    kind: WayKind
    address: _Address = Field("", repr=False)
    secret: _Secret = Field("", repr=False)
    events: frozenset[NoticeEvent] = frozenset()
    quiet_from: _Time = ""
    quiet_until: _Time = ""
    digests: _Times = ""

    def as_form(self) -> WayForm:
        """The same as people's own ways know it."""
        return WayForm(**self.model_dump(exclude={"digests"}), digests=parse_digests(self.digests))


@routes.get(_OWN)
async def show(request: web.Request) -> web.Response:
    """The person's own ways, and the form for another."""
    title = N_("What reaches you outside this page")
    return await render(request, "account/notices.html", title=title, page=await _own(request))


@routes.get("/api/account/notices", answer=views.NoticesPage)
async def read(request: web.Request) -> web.Response:
    """The same as JSON."""
    return as_document(await _own(request))


@routes.post("/api/account/notices", body=WayBody, answer=Moved)
async def add(request: web.Request) -> web.Response:
    """Be told by one more way."""
    body = await parse_body(request, WayBody)
    await in_unit(
        request,
        service.add_way,
        form=body.as_form(),
        language=language(request),
        rules=request.app[RULES].notices,
        origins=request.app[SETTINGS].notice_origins,
    )
    return moved(_OWN)


@routes.post("/api/account/notices/{way_id}/remove", body=NothingBody, answer=Moved)
async def remove(request: web.Request) -> web.Response:
    """Be told by this way no more."""
    await parse_body(request, NothingBody)
    await in_unit(request, service.remove_way, way_id=path_id(request, "way_id"))
    return moved(_OWN)


@routes.get(_ALL, action=_ACTION)
async def show_failing(request: web.Request) -> web.Response:
    """The ways that do not work now, and by which server mail goes."""
    title = N_("Notices that do not get through")
    page = await _failing(request)
    return await render(request, "admin/notices.html", title=title, page=page)


@routes.get("/api/admin/notices", action=_ACTION, answer=views.FailingPage)
async def list_failing(request: web.Request) -> web.Response:
    """The same as JSON."""
    return as_document(await _failing(request))


async def _own(request: web.Request) -> views.NoticesPage:
    return await in_read(request, views.make_own, has_mail=bool(request.app[SETTINGS].mail_host))


async def _failing(request: web.Request) -> views.FailingPage:
    settings = request.app[SETTINGS]
    return await in_read(
        request,
        views.make_failing,
        tongue=language(request),
        mail_host=settings.mail_host,
        mail_security=settings.mail_security,
        mail_from=settings.mail_from,
    )

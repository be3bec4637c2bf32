"""The duty telephones of an institution (RPT-08, U30)."""

from aiohttp import web

from consult.access.model import Action
from consult.people.duty import phones
from consult.people.duty.phone_model import DutySpan
from server.auth.fields import Phone
from server.doors import Routes
from server.forms import Body, Id, Line, parse_body
from server.i18n import N_
from server.pages import render
from server.requests import path_id, signed_in
from server.transactions import in_read, in_unit
from server.views import duty_phones as views
from server.views.sign_in import Moved, moved
from server.week import asked_id

routes = Routes("duty_phones")
_PAGE = "/duty-phones"


class DutyPhoneBody(Body):
    """A number, who answers it, and when; without an institution it is one's own."""

    institution_id: Id | None = None
    who: Line
    phone: Phone
    span: DutySpan


@routes.get(_PAGE, action=Action.KEEP_DUTY_PHONES)
async def index(request: web.Request) -> web.Response:
    """The numbers of one institution: one's own, or as an administrator another."""
    page = await in_read(request, views.make_page, institution_id=asked_id(request, "at"))
    return await render(request, "duty_phones/list.html", title=N_("Duty telephones"), page=page)


@routes.post("/api/duty-phones", action=Action.KEEP_DUTY_PHONES, body=DutyPhoneBody, answer=Moved)
async def add(request: web.Request) -> web.Response:
    """Enter a number."""
    body = await parse_body(request, DutyPhoneBody)
    made = await in_unit(
        request,
        phones.add_phone,
        institution_id=body.institution_id or signed_in(request).actor.institution,
        who=body.who,
        phone=body.phone,
        span=body.span,
    )
    return moved(f"{_PAGE}?at={made.institution_id}")


@routes.post("/api/duty-phones/{phone_id}/end", action=Action.KEEP_DUTY_PHONES, answer=Moved)
async def end(request: web.Request) -> web.Response:
    """Nobody answers this number any more."""
    institution_id = await in_unit(request, phones.end_phone, phone_id=path_id(request, "phone_id"))
    return moved(f"{_PAGE}?at={institution_id}")

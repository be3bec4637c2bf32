"""What the doors of a referral have in common: its id, the page's version, one service call."""

from collections.abc import Callable
from typing import Any, TypeVar

from aiohttp import web

from consult.kernel.work import Role
from consult.referrals.records import Appointment, Referral
from server.forms import Body, parse_body
from server.requests import path_id, signed_in
from server.transactions import in_unit
from server.views import booking_answers as answers
from server.views.sign_in import as_json

T = TypeVar("T")


async def step(request: web.Request, body: type[Body], take: Callable[..., T], **more: Any) -> T:
    """Take a step on the referral in the path, from the page's version where the body has one."""
    referral_id = path_id(request, "referral_id")
    told = (await parse_body(request, body)).model_dump()
    if "version" in told:
        told["revision"] = told.pop("version")
    return await in_unit(request, take, referral_id=referral_id, **told, **more)


def answer(request: web.Request, referral: Referral) -> web.Response:
    """Where the referral stands; the page that follows is that of the side which asked."""
    if is_at_desk(request, referral):
        place = f"/desk/referrals/{referral.id}"
    else:
        place = f"/cases/{referral.case_id}" + ("/booking" if referral.is_live else "")
    return as_json(answers.referral_as_json(referral, location=place))


def answer_appointment(appointment: Appointment, *, location: str = "") -> web.Response:
    """An appointment; what follows is its slip, or the page named."""
    told = answers.appointment_as_json(appointment)
    return as_json(told.model_copy(update={"location": location}) if location else told)


def is_at_desk(request: web.Request, referral: Referral) -> bool:
    """Whether the person stands at the referral office that was asked."""
    actor = signed_in(request).actor
    at_desk = actor.institution_id == referral.to_institution_id
    return at_desk and Role.REFERRAL_DESK in actor.roles

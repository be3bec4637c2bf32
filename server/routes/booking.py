"""From the decision to the slip: hold a slot, refer, book; refuse; close the case."""

from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.calendar import service_hold
from consult.referrals import service_book, service_end, service_open
from consult.referrals.records import Referral, ReferralRequest
from server.auth.fields import NothingBody
from server.booking_forms import BookBody, HoldBody, ReferBody, RefuseBody, WishBody
from server.doors import Routes
from server.forms import Body, parse_body
from server.i18n import N_
from server.keys import RULES
from server.moments import format_promise
from server.pages import render
from server.requests import language, path_id
from server.transactions import in_read, in_unit, utc_now
from server.typed import Version
from server.views import booking as views
from server.views import booking_answers as answers
from server.views import slip
from server.views.sign_in import as_json
from server.week import asked_id, asked_week

routes = Routes("booking")


class CloseBody(Body):
    """Close a case as it stood on the page."""

    version: Version


class Closed(BaseModel):
    """Where a closed case stands."""

    case_id: str
    status: str
    location: str


class Released(BaseModel):
    """Whether there was anything to give back."""

    released: bool


@routes.get("/cases/{case_id}/booking", action=Action.BOOK_SLOT, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """The criteria, the slots of a week, the hold, the confirmation."""
    page = await in_read(
        request,
        views.make_page,
        case_id=path_id(request, "case_id"),
        book=request.app[RULES].booking,
        week=asked_week(request),
        at=asked_id(request, "at"),
    )
    if page.grid is not None and "week" not in request.query:
        # the page redraws itself: with its week in the address no other week takes its place
        pinned = request.rel_url.update_query(week=page.grid.days[0].isoformat())
        return web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": str(pinned)})
    return await render(
        request,
        "booking/show.html",
        title=N_("Book the referral"),
        page=page,
        urgency_choices=request.app[RULES].terms.choices(language(request), "referral_urgency"),
        **_times(request),
    )


@routes.get(
    "/appointments/{appointment_id}/slip", action=Action.SEE_REFERRAL, owns=ObjectType.APPOINTMENT
)
async def show_slip(request: web.Request) -> web.Response:
    """The sheet for the patient, with the letter for the hospital."""
    page = await in_unit(request, slip.make_slip, path_id(request, "appointment_id"))
    return await render(
        request, "booking/slip.html", title=N_("Appointment slip"), page=page, **_times(request)
    )


@routes.post(
    "/api/cases/{case_id}/hold",
    action=Action.BOOK_SLOT,
    owns=ObjectType.CASE,
    body=HoldBody,
    answer=answers.HoldAnswer,
)
async def hold(request: web.Request) -> web.Response:
    """Keep the first of these slots that can be had for a quarter of an hour."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, HoldBody)
    slot = await in_unit(
        request,
        service_hold.hold_any,
        slot_ids=body.slot_ids,
        case_id=case_id,
        limits=request.app[RULES].booking.holds,
    )
    return as_json(answers.hold_as_json(slot))


@routes.post(
    "/api/cases/{case_id}/hold/release",
    action=Action.BOOK_SLOT,
    owns=ObjectType.CASE,
    body=NothingBody,
    answer=Released,
)
async def release(request: web.Request) -> web.Response:
    """Give the held slot back."""
    case_id = path_id(request, "case_id")
    await parse_body(request, NothingBody)
    released = await in_unit(request, service_hold.release_hold, case_id=case_id)
    return as_json(Released(released=released))


@routes.post(
    "/api/cases/{case_id}/referral",
    action=Action.BOOK_SLOT,
    owns=ObjectType.CASE,
    body=ReferBody,
    answer=answers.ReferralAnswer,
)
async def refer(request: web.Request) -> web.Response:
    """Refer the patient without choosing a time yet."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, ReferBody)
    referral = await in_unit(
        request,
        service_open.open_referral,
        case_id=case_id,
        wish=_wish(body, clinic_id=body.clinic_id),
        rules=request.app[RULES].booking.referrals,
    )
    return _answer(referral)


@routes.post(
    "/api/cases/{case_id}/booking",
    action=Action.BOOK_SLOT,
    owns=ObjectType.CASE,
    body=BookBody,
    answer=answers.AppointmentAnswer,
)
async def book(request: web.Request) -> web.Response:
    """Refer the patient and book the held slot, at one press."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, BookBody)
    appointment = await in_unit(
        request,
        service_book.refer_and_book,
        case_id=case_id,
        slot_id=body.slot_id,
        wish=_wish(body),
        rules=request.app[RULES].booking.referrals,
    )
    return as_json(answers.appointment_as_json(appointment))


@routes.post(
    "/api/cases/{case_id}/referral/refused",
    action=Action.BOOK_SLOT,
    owns=ObjectType.CASE,
    body=RefuseBody,
    answer=answers.ReferralAnswer,
)
async def refuse(request: web.Request) -> web.Response:
    """The patient does not want to be referred; nothing is sent."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, RefuseBody)
    referral = await in_unit(
        request,
        service_end.decline_before,
        case_id=case_id,
        clinic_id=body.clinic_id,
        reason=body.reason,
        rules=request.app[RULES].booking.referrals,
    )
    return _answer(referral)


@routes.post(
    "/api/cases/{case_id}/close",
    action=Action.DECIDE_CASE,
    owns=ObjectType.CASE,
    body=CloseBody,
    answer=Closed,
)
async def close(request: web.Request) -> web.Response:
    """Close the case."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, CloseBody)
    case = await in_unit(request, service_end.close_case, case_id=case_id, revision=body.version)
    return as_json(Closed(case_id=case.id, status=case.status, location=f"/cases/{case.id}"))


def _wish(body: WishBody, *, clinic_id: str = "") -> ReferralRequest:
    return ReferralRequest(
        clinic_id=clinic_id,
        urgency=body.urgency,
        reason=body.reason,
        consent=body.consent,
    )


def _answer(referral: Referral) -> web.Response:
    location = f"/cases/{referral.case_id}/booking"
    return as_json(answers.referral_as_json(referral, location=location))


def _times(request: web.Request) -> dict[str, Any]:
    """Moments in words, in the zone of the place where they are meant."""
    tongue = language(request)
    return {
        "when": lambda at, zone: format_promise(at, zone=zone, language=tongue),
        "clock": lambda at, zone: f"{at.astimezone(ZoneInfo(zone)):%H:%M}",
        "now": utc_now(),
    }

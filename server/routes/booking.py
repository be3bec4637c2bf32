"""From the decision to the slip: hold a slot, refer, book; refuse; close the case."""

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.calendar import service_hold
from consult.referrals import service_book, service_end, service_open
from consult.referrals.model import ReferralStatus
from consult.referrals.records import Referral, ReferralRequest
from server.auth.fields import NothingBody
from server.booking_forms import BookBody, EndBeforeBody, HoldBody, ReferBody, WishBody
from server.booking_page import show_booking, times
from server.doors import Routes
from server.forms import Body, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import path_id
from server.transactions import in_unit
from server.typed import Version
from server.views import booking as views
from server.views import booking_answers as answers
from server.views import slip
from server.views.sign_in import as_json

routes = Routes("booking")


class CloseBody(Body):
    """Close a case as it stood on the page."""

    version: Version


class Closed(BaseModel):
    """Where a closed case stands."""

    case_id: str
    status: str
    location: str


@routes.get("/cases/{case_id}/booking", action=Action.BOOK_SLOT, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """The criteria, the slots of a week, the hold, the confirmation."""
    return await show_booking(request, views.make_case_page, case_id=path_id(request, "case_id"))


@routes.get(
    "/appointments/{appointment_id}/slip", action=Action.SEE_REFERRAL, owns=ObjectType.APPOINTMENT
)
async def show_slip(request: web.Request) -> web.Response:
    """The sheet for the patient, with the letter for the hospital."""
    page = await in_unit(request, slip.make_slip, path_id(request, "appointment_id"))
    return await render(
        request, "booking/slip.html", title=N_("Appointment slip"), page=page, **times(request)
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
    answer=answers.ReleasedAnswer,
)
async def release(request: web.Request) -> web.Response:
    """Give the held slot back."""
    case_id = path_id(request, "case_id")
    await parse_body(request, NothingBody)
    released = await in_unit(request, service_hold.release_hold, case_id=case_id)
    return as_json(answers.ReleasedAnswer(released=released))


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
    "/api/cases/{case_id}/referral/ended",
    action=Action.BOOK_SLOT,
    owns=ObjectType.CASE,
    body=EndBeforeBody,
    answer=answers.ReferralAnswer,
)
async def end_before(request: web.Request) -> web.Response:
    """How the referral ended before anything was sent; no clinic is needed for that."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, EndBeforeBody)
    referral = await in_unit(
        request,
        service_end.end_before,
        case_id=case_id,
        how=ReferralStatus(body.how),
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

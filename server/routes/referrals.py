"""Referrals from the inviting side: where one stands, its appointment, its end without a visit."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.referrals import service as referrals
from consult.referrals import service_book, service_end
from consult.referrals.model import ReferralStatus
from consult.referrals.records import Referral, Side
from server.booking_forms import CancelBody, EndBody, HoldBody
from server.doors import Routes
from server.forms import parse_body
from server.requests import path_id
from server.transactions import in_unit
from server.views import booking_answers as answers
from server.views.sign_in import as_json

routes = Routes("referrals")


@routes.get(
    "/api/referrals/{referral_id}",
    action=Action.SEE_REFERRAL,
    owns=ObjectType.REFERRAL,
    answer=answers.ReferralAnswer,
)
async def read(request: web.Request) -> web.Response:
    """Where a referral stands."""
    return _answer(await in_unit(request, referrals.view_referral, _id(request)))


@routes.post(
    "/api/referrals/{referral_id}/confirm",
    action=Action.BOOK_SLOT,
    owns=ObjectType.REFERRAL,
    body=HoldBody,
    answer=answers.AppointmentAnswer,
)
async def confirm(request: web.Request) -> web.Response:
    """Book the slot that is held for a referral which waits."""
    referral_id = _id(request)
    body = await parse_body(request, HoldBody)
    appointment = await in_unit(
        request,
        service_book.confirm_booking,
        referral_id=referral_id,
        slot_id=body.slot_ids[0],
    )
    return as_json(answers.appointment_as_json(appointment))


@routes.post(
    "/api/referrals/{referral_id}/cancel-booking",
    action=Action.BOOK_SLOT,
    owns=ObjectType.REFERRAL,
    body=CancelBody,
    answer=answers.ReferralAnswer,
)
async def cancel_booking(request: web.Request) -> web.Response:
    """Take the appointment back; the patient is booked anew."""
    referral_id = _id(request)
    body = await parse_body(request, CancelBody)
    referral = await in_unit(
        request,
        service_book.cancel_booking,
        referral_id=referral_id,
        revision=body.version,
        reason=body.reason,
        side=Side.INVITING,
    )
    return _answer(referral, location=f"/cases/{referral.case_id}/booking")


@routes.post(
    "/api/referrals/{referral_id}/end",
    action=Action.BOOK_SLOT,
    owns=ObjectType.REFERRAL,
    body=EndBody,
    answer=answers.ReferralAnswer,
)
async def end(request: web.Request) -> web.Response:
    """End the referral without a visit, with the reason."""
    referral_id = _id(request)
    body = await parse_body(request, EndBody)
    referral = await in_unit(
        request,
        service_end.end_referral,
        referral_id=referral_id,
        revision=body.version,
        how=ReferralStatus(body.how),
        reason=body.reason,
        side=Side.INVITING,
    )
    return _answer(referral, location=f"/cases/{referral.case_id}")


def _id(request: web.Request) -> str:
    return path_id(request, "referral_id")


def _answer(referral: Referral, *, location: str = "") -> web.Response:
    place = location or f"/cases/{referral.case_id}/booking"
    return as_json(answers.referral_as_json(referral, location=place))

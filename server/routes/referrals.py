"""A referral's doors, the same for both sides: where it stands, its appointment, its end."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.kernel.work import Role
from consult.referrals import service as referrals
from consult.referrals import service_book, service_end
from consult.referrals.model import ReferralStatus
from consult.referrals.records import Referral
from server.auth.fields import NothingBody
from server.booking_forms import CancelBody, ConfirmBody, EndBody, HoldBody
from server.doors import Routes
from server.forms import parse_body
from server.keys import RULES
from server.requests import path_id, signed_in
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
    return _answer(request, await in_unit(request, referrals.view_referral, _id(request)))


@routes.post(
    "/api/referrals/{referral_id}/hold",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=HoldBody,
    answer=answers.HoldAnswer,
)
async def hold(request: web.Request) -> web.Response:
    """Keep the first of these slots that can be had for a quarter of an hour."""
    referral_id = _id(request)
    body = await parse_body(request, HoldBody)
    slot = await in_unit(
        request,
        service_book.hold_slot,
        referral_id=referral_id,
        slot_ids=body.slot_ids,
        limits=request.app[RULES].booking.holds,
    )
    return as_json(answers.hold_as_json(slot))


@routes.post(
    "/api/referrals/{referral_id}/hold/release",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=NothingBody,
    answer=answers.ReleasedAnswer,
)
async def release(request: web.Request) -> web.Response:
    """Give the held slot back."""
    referral_id = _id(request)
    await parse_body(request, NothingBody)
    released = await in_unit(request, service_book.release_hold, referral_id=referral_id)
    return as_json(answers.ReleasedAnswer(released=released))


@routes.post(
    "/api/referrals/{referral_id}/confirm",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=ConfirmBody,
    answer=answers.AppointmentAnswer,
)
async def confirm(request: web.Request) -> web.Response:
    """Book the slot that is held, in place of the appointment that is named where there is one."""
    referral_id = _id(request)
    body = await parse_body(request, ConfirmBody)
    appointment = await in_unit(
        request,
        service_book.confirm_booking,
        referral_id=referral_id,
        slot_id=body.slot_id,
        replaces=body.replaces or "",
    )
    return as_json(answers.appointment_as_json(appointment))


@routes.post(
    "/api/referrals/{referral_id}/cancel-booking",
    action=Action.ARRANGE_REFERRAL,
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
    )
    return _answer(request, referral)


@routes.post(
    "/api/referrals/{referral_id}/end",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=EndBody,
    answer=answers.ReferralAnswer,
)
async def end(request: web.Request) -> web.Response:
    """End the referral without a visit, with the reason; each side has ends of its own."""
    referral_id = _id(request)
    body = await parse_body(request, EndBody)
    referral = await in_unit(
        request,
        service_end.end_referral,
        referral_id=referral_id,
        revision=body.version,
        how=ReferralStatus(body.how),
        reason=body.reason,
    )
    return _answer(request, referral)


def _id(request: web.Request) -> str:
    return path_id(request, "referral_id")


def _answer(request: web.Request, referral: Referral) -> web.Response:
    """What came of it; the page that follows is that of the side which asked."""
    actor = signed_in(request).actor
    at_desk = actor.institution_id == referral.to_institution_id
    if at_desk and Role.REFERRAL_DESK in actor.roles:
        place = f"/desk/referrals/{referral.id}"
    else:
        place = f"/cases/{referral.case_id}" + ("/booking" if referral.is_live else "")
    return as_json(answers.referral_as_json(referral, location=place))

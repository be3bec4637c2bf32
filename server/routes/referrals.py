"""A referral's doors, the same for both sides: where it stands, its appointment, calls, its end."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.referrals import service as referrals
from consult.referrals import service_book, service_calls, service_end, service_request
from server.auth.fields import NothingBody
from server.booking_forms import CallBody, CancelBody, ConfirmBody, EndBody, HoldBody, StepBody
from server.doors import Routes
from server.keys import RULES
from server.referral_doors import answer, answer_appointment, step
from server.requests import path_id
from server.transactions import in_unit
from server.views import booking_answers as answers
from server.views.sign_in import as_json

routes = Routes("referrals")
_OF = "/api/referrals/{referral_id}"


@routes.get(
    _OF, action=Action.SEE_REFERRAL, owns=ObjectType.REFERRAL, answer=answers.ReferralAnswer
)
async def read(request: web.Request) -> web.Response:
    """Where a referral stands."""
    referral_id = path_id(request, "referral_id")
    return answer(request, await in_unit(request, referrals.view_referral, referral_id))


@routes.post(
    f"{_OF}/hold",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=HoldBody,
    answer=answers.HoldAnswer,
)
async def hold(request: web.Request) -> web.Response:
    """Keep the first of these slots that can be had for a quarter of an hour."""
    limits = request.app[RULES].booking.holds
    slot = await step(request, HoldBody, service_book.hold_slot, limits=limits)
    return as_json(answers.hold_as_json(slot))


@routes.post(
    f"{_OF}/hold/release",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=NothingBody,
    answer=answers.ReleasedAnswer,
)
async def release(request: web.Request) -> web.Response:
    """Give the held slot back."""
    released = await step(request, NothingBody, service_book.release_hold)
    return as_json(answers.ReleasedAnswer(released=released))


@routes.post(
    f"{_OF}/confirm",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=ConfirmBody,
    answer=answers.AppointmentAnswer,
)
async def confirm(request: web.Request) -> web.Response:
    """Book the slot that is held, in place of the appointment that is named where there is one."""
    return answer_appointment(await step(request, ConfirmBody, service_book.confirm_booking))


@routes.post(
    f"{_OF}/cancel-booking",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=CancelBody,
    answer=answers.ReferralAnswer,
)
async def cancel_booking(request: web.Request) -> web.Response:
    """Take the appointment back; the patient is booked anew."""
    rules = request.app[RULES].booking.referrals
    took = await step(request, CancelBody, service_book.cancel_booking, rules=rules)
    return answer(request, took)


@routes.post(
    f"{_OF}/ask-again",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=StepBody,
    answer=answers.ReferralAnswer,
)
async def ask_again(request: web.Request) -> web.Response:
    """Ask the office for another time, where it books in the hospital's own system."""
    rules = request.app[RULES].booking.referrals
    return answer(request, await step(request, StepBody, service_request.ask_again, rules=rules))


@routes.post(
    f"{_OF}/calls",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=CallBody,
    answer=answers.CallAnswer,
)
async def log_call(request: web.Request) -> web.Response:
    """Write down a call: with whom, and what came of it."""
    call = await step(request, CallBody, service_calls.log_call)
    return as_json(answers.call_as_json(call))


@routes.post(
    f"{_OF}/end",
    action=Action.ARRANGE_REFERRAL,
    owns=ObjectType.REFERRAL,
    body=EndBody,
    answer=answers.ReferralAnswer,
)
async def end(request: web.Request) -> web.Response:
    """End the referral without a visit, with the reason; each side has ends of its own."""
    return answer(request, await step(request, EndBody, service_end.end_referral))

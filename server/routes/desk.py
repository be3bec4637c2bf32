"""The referral office (双向转诊办公室): the list, arrivals, outcomes, ends."""

from datetime import time

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.kernel.errors import RefusedError
from consult.referrals import service_desk, service_request
from consult.referrals.desk import DeskView
from consult.referrals.records import VisitOutcome
from consult.referrals.service_request import WrittenBack
from server.booking_forms import OutcomeBody, StepBody, WriteBackBody
from server.booking_page import show_booking
from server.doors import Routes
from server.forms import parse_body
from server.i18n import N_
from server.keys import RULES
from server.moments import format_left
from server.pages import render
from server.referral_doors import answer, answer_appointment, step
from server.requests import language, path_id, query_page
from server.transactions import in_read, in_unit, utc_now
from server.views import booking_answers as answers
from server.views import desk as views
from server.views import desk_open
from server.views.booking import make_desk_page
from server.views.sign_in import as_json
from server.week import asked_id

routes = Routes("desk")


@routes.get("/desk", action=Action.RUN_REFERRAL_DESK)
async def index(request: web.Request) -> web.Response:
    """One tab of the list, with one request open in its place; that it was opened is written."""
    page = await _list(request, default=DeskView.WAITING)
    row = asked_id(request, "row")
    is_there = any(each.referral.id == row for each in page.rows)
    opened = await _open(request, row) if row is not None and is_there else None
    return await render(
        request,
        "desk/list.html",
        title=N_("Referral office"),
        page=page,
        opened=opened,
        left=_left(request),
    )


@routes.get("/api/referrals", action=Action.RUN_REFERRAL_DESK, answer=views.DeskAnswer)
async def list_referrals(request: web.Request) -> web.Response:
    """The same as JSON."""
    page = await _list(request, default=DeskView.OPEN)
    found = [
        answers.referral_as_json(row.referral, location=f"/desk/referrals/{row.referral.id}")
        for row in page.rows
    ]
    return as_json(views.DeskAnswer(referrals=found, next_page=page.next_page))


@routes.get(
    "/desk/referrals/{referral_id}", action=Action.RUN_REFERRAL_DESK, owns=ObjectType.REFERRAL
)
async def show(request: web.Request) -> web.Response:
    """One referral."""
    page = await in_unit(
        request,
        views.make_referral,
        referral_id=_id(request),
        rules=request.app[RULES].booking.referrals,
    )
    return await render(
        request, "desk/show.html", title=N_("Referral"), page=page, left=_left(request)
    )


@routes.get(
    "/desk/referrals/{referral_id}/booking",
    action=Action.RUN_REFERRAL_DESK,
    owns=ObjectType.REFERRAL,
)
async def book(request: web.Request) -> web.Response:
    """The slots of a week for a patient in the office's care, as the inviting side sees them."""
    referral_id = _id(request)
    return await show_booking(
        request,
        make_desk_page,
        ended=f"/desk/referrals/{referral_id}",
        referral_id=referral_id,
    )


@routes.post(
    "/api/referrals/{referral_id}/arrived",
    action=Action.RUN_REFERRAL_DESK,
    owns=ObjectType.REFERRAL,
    body=StepBody,
    answer=answers.AppointmentAnswer,
)
async def arrived(request: web.Request) -> web.Response:
    """The patient is there."""
    appointment = await step(request, StepBody, service_desk.mark_arrived)
    return answer_appointment(appointment, location=f"/desk/referrals/{appointment.referral_id}")


@routes.post(
    "/api/referrals/{referral_id}/outcome",
    action=Action.RUN_REFERRAL_DESK,
    owns=ObjectType.REFERRAL,
    body=OutcomeBody,
    answer=answers.ReferralAnswer,
)
async def outcome(request: web.Request) -> web.Response:
    """What the visit showed; the inviting physician follows up from now on."""
    referral_id = _id(request)
    body = await parse_body(request, OutcomeBody)
    told = VisitOutcome(diagnosis=body.diagnosis, findings=body.findings, advice=body.advice)
    referral = await in_unit(
        request,
        service_desk.record_outcome,
        referral_id=referral_id,
        revision=body.version,
        outcome=told,
    )
    return answer(request, referral)


@routes.post(
    "/api/referrals/{referral_id}/noshow",
    action=Action.RUN_REFERRAL_DESK,
    owns=ObjectType.REFERRAL,
    body=StepBody,
    answer=answers.ReferralAnswer,
)
async def noshow(request: web.Request) -> web.Response:
    """The patient did not come; the inviting side follows up, another appointment is due."""
    rules = request.app[RULES].booking.referrals
    missed = await step(request, StepBody, service_desk.mark_noshow, rules=rules)
    # there the office calls the patient
    location = f"/desk?view={DeskView.REBOOK}&row={missed.id}"
    return as_json(answers.referral_as_json(missed, location=location))


@routes.post(
    "/api/referrals/{referral_id}/write-back",
    action=Action.RUN_REFERRAL_DESK,
    owns=ObjectType.REFERRAL,
    body=WriteBackBody,
    answer=answers.AppointmentAnswer,
)
async def write_back(request: web.Request) -> web.Response:
    """What was booked in the hospital's own system: day, time, place, number in the queue."""
    referral_id = _id(request)
    body = await parse_body(request, WriteBackBody)
    told = WrittenBack(
        day=body.day,
        at=time.fromisoformat(body.at),
        place=body.place,
        ticket=body.ticket,
        physician_name=body.physician_name,
        replaces=body.replaces,
    )
    appointment = await in_unit(
        request,
        service_request.write_back,
        referral_id=referral_id,
        revision=body.version,
        told=told,
        rules=request.app[RULES].booking.slots,
    )
    return answer_appointment(appointment, location=f"/desk/referrals/{referral_id}")


async def _list(request: web.Request, *, default: DeskView) -> views.DeskPage:
    view = request.query.get("view", default)
    if view not in set(DeskView):
        raise RefusedError("field-not-a-choice", field="view")
    rules = request.app[RULES].booking.referrals
    page = query_page(request)
    return await in_read(request, views.make_list, view=DeskView(view), rules=rules, page=page)


async def _open(request: web.Request, referral_id: str) -> desk_open.OpenRequest:
    rules = request.app[RULES].booking.referrals
    return await in_unit(request, desk_open.make_open, referral_id=referral_id, rules=rules)


def _id(request: web.Request) -> str:
    return path_id(request, "referral_id")


def _left(request: web.Request) -> object:
    tongue, now = language(request), utc_now()
    return lambda at: format_left(at, now=now, language=tongue)

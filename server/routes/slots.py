"""The slot pool: clinics, publishing, taking back; and what can be booked, as JSON."""

from datetime import time

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.calendar import service as calendar
from consult.calendar import service_publish
from consult.calendar.clinics import ClinicFacts, Publication, Stop
from consult.calendar.timetable import day_bounds
from consult.kernel.errors import RefusedError
from consult.referrals import service_stop
from server.booking_forms import (
    ClinicBody,
    ClinicChangeBody,
    PublishBody,
    StopBody,
    WithdrawBody,
)
from server.doors import Routes
from server.forms import parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import language, path_id, signed_in
from server.transactions import in_read, in_unit
from server.views import slots as views
from server.views.booking_answers import slot_as_json
from server.views.sign_in import as_json
from server.week import asked_id, asked_week

routes = Routes("slots")


@routes.get("/slots", action=Action.PUBLISH_SLOTS)
async def index(request: web.Request) -> web.Response:
    """The clinics of the hospital, one week of one of them."""
    page = await in_read(
        request,
        views.make_page,
        clinic_id=asked_id(request, "clinic"),
        week=asked_week(request),
        book=request.app[RULES].booking,
    )
    return await render(
        request,
        "slots/show.html",
        title=N_("Slots"),
        page=page,
        physician_choices=_choices(request, page),
    )


@routes.get("/api/clinics", action=Action.SEE_SLOTS, answer=views.ClinicsAnswer)
async def list_clinics(request: web.Request) -> web.Response:
    """The clinics that the person's institution may book at."""
    found = await in_read(request, calendar.list_clinics)
    return as_json(views.ClinicsAnswer(clinics=[views.clinic_as_json(each) for each in found]))


@routes.post(
    "/api/clinics", action=Action.PUBLISH_SLOTS, body=ClinicBody, answer=views.ClinicAnswer
)
async def add_clinic(request: web.Request) -> web.Response:
    """A new clinic."""
    body = await parse_body(request, ClinicBody)
    facts = ClinicFacts(**body.model_dump())
    return as_json(views.clinic_as_json(await in_unit(request, calendar.add_clinic, facts=facts)))


@routes.post(
    "/api/clinics/{clinic_id}",
    action=Action.PUBLISH_SLOTS,
    owns=ObjectType.CLINIC,
    body=ClinicChangeBody,
    answer=views.ClinicAnswer,
)
async def change_clinic(request: web.Request) -> web.Response:
    """Correct what is written of a clinic."""
    clinic_id = path_id(request, "clinic_id")
    body = await parse_body(request, ClinicChangeBody)
    clinic = await in_unit(
        request,
        calendar.change_clinic,
        clinic_id=clinic_id,
        revision=body.version,
        facts=ClinicFacts(**body.model_dump(exclude={"version"})),
    )
    return as_json(views.clinic_as_json(clinic))


@routes.get(
    "/api/clinics/{clinic_id}/slots",
    action=Action.SEE_SLOTS,
    owns=ObjectType.CLINIC,
    answer=views.SlotsAnswer,
)
async def list_slots(request: web.Request) -> web.Response:
    """What can be had at a clinic from one day until another (`from`, `until`)."""
    clinic_id = path_id(request, "clinic_id")
    first, last = asked_week(request, "from"), asked_week(request, "until")
    if first is None or last is None:
        raise RefusedError("field-missing", field="until" if first else "from")
    if not 0 <= (last - first).days <= request.app[RULES].booking.slots.furthest.days:
        raise RefusedError("dates-reversed", field="until")
    since, until = day_bounds(first, days=(last - first).days + 1, zone=signed_in(request).zone)
    found = await in_read(
        request, calendar.list_free_slots, clinic_id=clinic_id, since=since, until=until
    )
    slots = [slot_as_json(slot) for slot in found]
    return as_json(views.SlotsAnswer(slots=slots, location=f"/slots?clinic={clinic_id}"))


@routes.post(
    "/api/clinics/{clinic_id}/slots",
    action=Action.PUBLISH_SLOTS,
    owns=ObjectType.CLINIC,
    body=PublishBody,
    answer=views.SlotsAnswer,
)
async def publish(request: web.Request) -> web.Response:
    """Offer slots."""
    clinic_id = path_id(request, "clinic_id")
    body = await parse_body(request, PublishBody)
    publication = Publication(
        day_from=body.day_from,
        day_until=body.day_until,
        weekdays=frozenset(body.weekdays),
        start=time.fromisoformat(body.start),
        end=time.fromisoformat(body.end),
        minutes=body.minutes,
        physician_id=body.physician_id,
        physician_name=body.physician_name,
    )
    made = await in_unit(
        request,
        service_publish.publish_slots,
        clinic_id=clinic_id,
        publication=publication,
        rules=request.app[RULES].booking.slots,
    )
    location = f"/slots?clinic={clinic_id}&week={body.day_from.isoformat()}"
    answer = views.SlotsAnswer(slots=[slot_as_json(slot) for slot in made], location=location)
    return as_json(answer)


@routes.post(
    "/api/clinics/{clinic_id}/slots/withdraw",
    action=Action.PUBLISH_SLOTS,
    owns=ObjectType.CLINIC,
    body=WithdrawBody,
    answer=views.WithdrawnAnswer,
)
async def withdraw(request: web.Request) -> web.Response:
    """Take back slots that nobody has."""
    clinic_id = path_id(request, "clinic_id")
    body = await parse_body(request, WithdrawBody)
    done = await in_unit(
        request, service_publish.withdraw_slots, clinic_id=clinic_id, slot_ids=body.slot_ids
    )
    return as_json(views.WithdrawnAnswer(stopped=done.stopped, kept=done.kept, location=""))


@routes.post(
    "/api/clinics/{clinic_id}/slots/stop",
    action=Action.PUBLISH_SLOTS,
    owns=ObjectType.CLINIC,
    body=StopBody,
    answer=views.StoppedAnswer,
)
async def stop(request: web.Request) -> web.Response:
    """The clinic does not take place: whoever was booked waits for another time."""
    clinic_id = path_id(request, "clinic_id")
    body = await parse_body(request, StopBody)
    done = await in_unit(
        request,
        service_stop.stop_clinic,
        clinic_id=clinic_id,
        stop=Stop(body.reason, tuple(body.slot_ids), body.day, body.half),
        rules=request.app[RULES].booking.referrals,
    )
    return as_json(
        views.StoppedAnswer(
            stopped=done.stopped,
            requeued=[referral.id for referral in done.requeued],
            kept=done.kept,
            location="/desk?view=rebook" if done.requeued else f"/slots?clinic={clinic_id}",
        )
    )


def _choices(request: web.Request, page: views.SlotsPage) -> list[tuple[str, str]]:
    tongue = language(request)
    return [
        (code, who.name_en if tongue == "en" and who.name_en else who.name)
        for code, who in page.physicians
    ]

"""Missed visits (追访): the inviting side's list, one follow-up, and how it came out."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.kernel.errors import RefusedError
from consult.referrals import service_salvage
from consult.referrals.salvage import SalvageView
from consult.referrals.service_salvage import SalvageEnd
from server.booking_forms import SalvageBody, StepBody
from server.doors import Routes
from server.forms import parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.referral_doors import answer, step
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.views import booking_answers as answers
from server.views import salvages as views
from server.views.sign_in import as_json

routes = Routes("salvages")


@routes.get("/salvages", action=Action.FOLLOW_UP_MISSED)
async def index(request: web.Request) -> web.Response:
    """One tab of the list."""
    page = await in_read(request, views.make_list, view=_view(request))
    return await render(request, "salvages/list.html", title=N_("Missed visits"), page=page)


@routes.get("/api/salvages", action=Action.FOLLOW_UP_MISSED, answer=answers.SalvagesAnswer)
async def list_salvages(request: web.Request) -> web.Response:
    """The same as JSON."""
    found = await in_read(request, service_salvage.list_salvages, view=_view(request))
    told = [answers.salvage_as_json(salvage) for salvage in found]
    return as_json(answers.SalvagesAnswer(salvages=told))


@routes.get("/salvages/{referral_id}", action=Action.FOLLOW_UP_MISSED, owns=ObjectType.REFERRAL)
async def show(request: web.Request) -> web.Response:
    """One follow-up: whom to call, what was tried, how it came out."""
    page = await in_unit(
        request,
        views.make_page,
        referral_id=path_id(request, "referral_id"),
        rules=request.app[RULES].booking.referrals,
    )
    return await render(request, "salvages/show.html", title=N_("Missed visit"), page=page)


@routes.post(
    "/api/referrals/{referral_id}/salvage/take",
    action=Action.FOLLOW_UP_MISSED,
    owns=ObjectType.REFERRAL,
    body=StepBody,
    answer=answers.SalvageAnswer,
)
async def take(request: web.Request) -> web.Response:
    """Have the follow-up oneself from now on."""
    salvage = await step(request, StepBody, service_salvage.take_over)
    return as_json(answers.salvage_as_json(salvage))


@routes.post(
    "/api/referrals/{referral_id}/salvage/outcome",
    action=Action.FOLLOW_UP_MISSED,
    owns=ObjectType.REFERRAL,
    body=SalvageBody,
    answer=answers.ReferralAnswer,
)
async def outcome(request: web.Request) -> web.Response:
    """How the follow-up came out without another appointment; the referral ends by it."""
    referral_id = path_id(request, "referral_id")
    body = await parse_body(request, SalvageBody)
    referral = await in_unit(
        request,
        service_salvage.record_outcome,
        referral_id=referral_id,
        revision=body.version,
        said=SalvageEnd(body.outcome, body.reason, body.risk_told),
        rules=request.app[RULES].booking.referrals,
    )
    return answer(request, referral)


def _view(request: web.Request) -> SalvageView:
    view = request.query.get("view", SalvageView.OPEN)
    if view not in set(SalvageView):
        raise RefusedError("field-not-a-choice", field="view")
    return SalvageView(view)

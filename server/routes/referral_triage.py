"""The referral office's answers to a request: accept, redirect, make more urgent (REF-06)."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.referrals import service_triage
from consult.referrals.service_triage import Redirection
from server.booking_forms import AcceptBody, RedirectBody, UpgradeBody
from server.doors import Routes
from server.forms import parse_body
from server.keys import RULES
from server.referral_doors import answer, is_at_desk, step
from server.requests import path_id
from server.transactions import in_unit
from server.views import booking_answers as answers
from server.views.sign_in import as_json

routes = Routes("referral_triage")
_OF = "/api/referrals/{referral_id}"


@routes.post(
    f"{_OF}/accept",
    action=Action.RUN_REFERRAL_DESK,
    owns=ObjectType.REFERRAL,
    body=AcceptBody,
    answer=answers.ReferralAnswer,
)
async def accept(request: web.Request) -> web.Response:
    """Tell the sender that the patient is taken."""
    return answer(request, await step(request, AcceptBody, service_triage.accept))


@routes.post(
    f"{_OF}/upgrade",
    action=Action.RUN_REFERRAL_DESK,
    owns=ObjectType.REFERRAL,
    body=UpgradeBody,
    answer=answers.ReferralAnswer,
)
async def upgrade(request: web.Request) -> web.Response:
    """Make the request more urgent, up to an emergency."""
    rules = request.app[RULES].booking.referrals
    return answer(request, await step(request, UpgradeBody, service_triage.upgrade, rules=rules))


@routes.post(
    f"{_OF}/redirect",
    action=Action.RUN_REFERRAL_DESK,
    owns=ObjectType.REFERRAL,
    body=RedirectBody,
    answer=answers.ReferralAnswer,
)
async def redirect(request: web.Request) -> web.Response:
    """Send the request to another clinic of this hospital, or of another of the consortium."""
    referral_id = path_id(request, "referral_id")
    body = await parse_body(request, RedirectBody)
    referral = await in_unit(
        request,
        service_triage.redirect,
        referral_id=referral_id,
        revision=body.version,
        to=Redirection(body.clinic_id, body.reason, consent=body.consent),
        rules=request.app[RULES].booking.referrals,
    )
    if is_at_desk(request, referral):
        return answer(request, referral)
    # it is another hospital's now, and nothing of it is shown here any more
    return as_json(answers.referral_as_json(referral, location="/desk"))

"""Amending a signed report, and taking one back: always a new version with its own signature."""

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.reports import service_amend, service_retract
from consult.reports.model import RetractionCause
from consult.reports.service_retract import Retraction
from server.doors import Routes
from server.forms import Text, parse_body
from server.keys import SEAL
from server.requests import path_id
from server.rules.report_of_case import rules_of_case
from server.signatures import Sha256, SignatureBody, SignedAnswer, answer_signed, confirm_signer
from server.transactions import in_unit
from server.views.sign_in import Moved, as_json, moved

routes = Routes("reports")


class RetractBody(SignatureBody):
    """Why a report is taken back, which version the signer had before her, and the password."""

    cause: RetractionCause
    reason: Text
    of_sha256: Sha256


class RetractedAnswer(SignedAnswer):
    """The version that takes the report back."""

    case_id: str


@routes.post(
    "/api/cases/{case_id}/report/amend",
    action=Action.SIGN_REPORT,
    owns=ObjectType.CASE,
    answer=Moved,
)
async def amend(request: web.Request) -> web.Response:
    """Open a draft that begins as the signed version."""
    case_id = path_id(request, "case_id")
    await in_unit(request, service_amend.begin_amendment, case_id=case_id)
    return moved(f"/cases/{case_id}/reading")


@routes.post(
    "/api/cases/{case_id}/report/amend/drop",
    action=Action.SIGN_REPORT,
    owns=ObjectType.CASE,
    answer=Moved,
)
async def drop_amendment(request: web.Request) -> web.Response:
    """Give the amendment up; the signed version stands."""
    case_id = path_id(request, "case_id")
    await in_unit(request, service_amend.drop_amendment, case_id=case_id)
    return moved(f"/cases/{case_id}")


@routes.post(
    "/api/cases/{case_id}/report/retract",
    action=Action.SIGN_REPORT,
    owns=ObjectType.CASE,
    body=RetractBody,
    answer=RetractedAnswer,
)
async def retract(request: web.Request) -> web.Response:
    """Take the report back, with the password again."""
    body = await parse_body(request, RetractBody)
    case_id = path_id(request, "case_id")
    rules = await rules_of_case(request, case_id)
    proof = await confirm_signer(request, body.password, case_id=case_id)
    report = await in_unit(
        request,
        service_retract.retract_report,
        case_id=case_id,
        said=Retraction(body.cause, body.reason, body.of_sha256),
        rules=rules,
        seal=request.app[SEAL],
        proof=proof,
    )
    signed = answer_signed(report, location=f"/cases/{case_id}")
    return as_json(RetractedAnswer(**signed.model_dump(), case_id=case_id))

"""Amending a signed report, and taking one back: always a new version with its own signature."""

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field

from consult.access.model import Action, ObjectType
from consult.people.sessions.errors import WrongPasswordError
from consult.reports import service_amend, service_retract, service_sign
from consult.reports.model import RetractionCause
from consult.reports.service_retract import Retraction
from server.auth.fields import Password
from server.auth.reauth import confirm_password
from server.doors import Routes
from server.forms import Body, Text, parse_body
from server.keys import SEAL
from server.report_rules import rules_of_case
from server.requests import path_id
from server.routes.report_answers import ReceiptAnswer
from server.transactions import in_unit

routes = Routes("reports")


class PlaceAnswer(BaseModel):
    """Where the browser goes."""

    location: str


class RetractBody(Body):
    """Why a report is taken back, which version the signer had before her, and the password."""

    password: Password
    cause: RetractionCause
    reason: Text
    of_sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class RetractedAnswer(ReceiptAnswer):
    """The version that takes the report back."""

    version: int
    sha256: str
    location: str


@routes.post(
    "/api/cases/{case_id}/report/amend",
    action=Action.SIGN_REPORT,
    owns=ObjectType.CASE,
    answer=PlaceAnswer,
)
async def amend(request: web.Request) -> web.Response:
    """Open a draft that begins as the signed version."""
    case_id = path_id(request, "case_id")
    await in_unit(request, service_amend.begin_amendment, case_id=case_id)
    return web.json_response(PlaceAnswer(location=f"/cases/{case_id}/reading").model_dump())


@routes.post(
    "/api/cases/{case_id}/report/amend/drop",
    action=Action.SIGN_REPORT,
    owns=ObjectType.CASE,
    answer=PlaceAnswer,
)
async def drop_amendment(request: web.Request) -> web.Response:
    """Give the amendment up; the signed version stands."""
    case_id = path_id(request, "case_id")
    await in_unit(request, service_amend.drop_amendment, case_id=case_id)
    return web.json_response(PlaceAnswer(location=f"/cases/{case_id}").model_dump())


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
    try:
        await confirm_password(request, body.password)
    except WrongPasswordError:
        await in_unit(request, service_sign.refuse_signature, case_id=case_id)
        raise
    report = await in_unit(
        request,
        service_retract.retract_report,
        case_id=case_id,
        said=Retraction(body.cause, body.reason, body.of_sha256),
        rules=rules,
        seal=request.app[SEAL],
    )
    answer = RetractedAnswer(
        report_id=report.id,
        case_id=case_id,
        version=report.version,
        sha256=report.sha256,
        location=f"/cases/{case_id}",
    )
    return web.json_response(answer.model_dump())

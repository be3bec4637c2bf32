"""Signing at the door: the password again before it, and one answer about the version it makes."""

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field

from consult.people.sessions.errors import WrongPasswordError
from consult.reports import service_sign
from consult.reports.versions import Report
from server.auth.fields import Password
from server.auth.reauth import confirm_password
from server.forms import Body
from server.transactions import in_unit

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SignatureBody(Body):
    """The password of whoever signs."""

    password: Password


class SignedAnswer(BaseModel):
    """A signed version, and where the browser goes."""

    report_id: str
    version: int
    sha256: str
    location: str


async def confirm_signer(request: web.Request, password: str, *, case_id: str) -> None:
    """Ask who signs; a wrong password is a refused signature, and stands in the journal."""
    try:
        await confirm_password(request, password)
    except WrongPasswordError:
        await in_unit(request, service_sign.refuse_signature, case_id=case_id)
        raise


def answer_signed(report: Report, *, location: str) -> SignedAnswer:
    """What a signed version answers."""
    return SignedAnswer(
        report_id=report.id, version=report.version, sha256=report.sha256, location=location
    )

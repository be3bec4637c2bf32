"""Signing at the door: who signs is proved before it, and one answer about the version it makes."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import BaseModel, Field

from consult.people.sessions.errors import ProofMissingError, WrongPasswordError
from consult.reports import signing
from consult.reports.screens import Device
from consult.reports.signing import Proof, Way
from consult.reports.versions import Report
from server.auth.fields import Password
from server.auth.peer import client_address
from server.auth.reauth import confirm_person
from server.forms import Body
from server.keys import RULES
from server.screens import Display
from server.transactions import in_read, in_unit
from server.views.evening import next_location
from server.views.worklist import list_address

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class SignatureBody(Body):
    """The password of whoever signs; without it, what the identity provider has just said."""

    password: Password | None = None


class WindowedBody(SignatureBody):
    """The same, or the signing window that is open in this browser."""

    by: Literal["window"] | None = None


class SignBody(WindowedBody):
    """Who signs, what she was shown and on which screen; `next` goes on with her row."""

    shown_sha256: Sha256
    next: bool = False
    device: Device | None = None
    display: Display = ""


class SignedAnswer(BaseModel):
    """A signed version, and where the browser goes."""

    report_id: str
    version: int
    sha256: str
    location: str


async def confirm_signer(request: web.Request, password: str | None, *, case_id: str) -> Proof:
    """Ask who signs; a wrong password is a refused signature, and stands in the journal."""
    try:
        await confirm_person(request, password)
    except (WrongPasswordError, ProofMissingError) as refused:
        await note_refused(request, case_id=case_id, why=refused.code)
        raise
    return Proof(Way.PROVIDER if password is None else Way.PASSWORD)


async def note_refused(request: web.Request, *, case_id: str, why: str) -> None:
    """Write a signature that was not proved into the journal."""
    await in_unit(request, signing.refuse_signature, case_id=case_id, why=why)


def proof_by_window(request: web.Request) -> Proof:
    """The window of this session, if the person is still where she opened it."""
    return Proof(Way.WINDOW, client_address(request), request.app[RULES].signing)


async def location_after(request: web.Request, report: Report, body: SignBody) -> str:
    """Where the signer goes: back to what she amended, to the list, or on with her row."""
    if report.version > 1:
        return f"/cases/{report.case_id}"
    if not body.next:
        return list_address(report.service_type)
    return await in_read(
        request, next_location, case_id=report.case_id, rules=request.app[RULES].queue.row
    )


def answer_signed(report: Report, *, location: str) -> SignedAnswer:
    """What a signed version answers."""
    return SignedAnswer(
        report_id=report.id, version=report.version, sha256=report.sha256, location=location
    )

"""What a participant of a call thinks, signed by herself."""

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, StringConstraints

from consult.access.model import Action, ObjectType
from consult.reports.opinions import service as opinions
from consult.reports.opinions.model import LONGEST_OPINION, Said
from server.doors import Routes
from server.forms import Id, Text, parse_body
from server.keys import SEAL
from server.requests import path_id
from server.rooms.standing import talks_of
from server.signatures import SignatureBody, confirm_signer
from server.transactions import in_read, in_unit
from server.views.sign_in import as_json

routes = Routes("opinions")


class OpinionBody(SignatureBody):
    """What she thinks of which call, and who signs."""

    room_id: Id
    text: Annotated[Text, StringConstraints(min_length=1, max_length=LONGEST_OPINION)]


class OpinionAnswer(BaseModel):
    """A signed wording; `number` counts those of the same person on the same call from 1."""

    opinion_id: str
    number: int
    sha256: str


@routes.post(
    "/api/cases/{case_id}/opinions",
    action=Action.SIGN_REPORT,
    needs=(Action.ENTER_ROOM,),
    owns=ObjectType.CASE,
    body=OpinionBody,
    answer=OpinionAnswer,
)
async def sign(request: web.Request) -> web.Response:
    """Sign what one thinks of a call, or sign it anew; what was signed before is kept."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, OpinionBody)
    talks = talks_of(request.app)
    # a proof is good for one act: it is not spent on what could not be signed
    await in_read(
        request, opinions.require_signing, case_id=case_id, room_id=body.room_id, talks=talks
    )
    proof = await confirm_signer(request, body.password, case_id=case_id)
    signed = await in_unit(
        request,
        opinions.sign_opinion,
        case_id=case_id,
        said=Said(body.room_id, body.text),
        seal=request.app[SEAL],
        talks=talks,
        proof=proof,
    )
    return as_json(OpinionAnswer(opinion_id=signed.id, number=signed.number, sha256=signed.sha256))

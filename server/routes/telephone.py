"""A consultation by telephone, kept as one of its case."""

from datetime import date, time
from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.rooms.telephone import service as telephone
from consult.rooms.telephone.model import LONGEST_NAME, LONGEST_RESULT, Spoken, TelephoneWhy
from server.doors import Routes
from server.forms import Body, Id, Line, Text, parse_body
from server.requests import path_id
from server.rooms.standing import talks_of
from server.transactions import in_unit
from server.views.rooms import KeptAnswer

routes = Routes("telephone")


class TelephoneBody(Body):
    """Why and with whom, when by the clock of the writer's institution, and what came of it."""

    why: TelephoneWhy
    with_id: Id | None = None
    with_name: Annotated[Line, Field(max_length=LONGEST_NAME)] | None = None
    day: date
    clock: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    result: Annotated[Text, Field(min_length=1, max_length=LONGEST_RESULT)]

    def spoken(self) -> Spoken:
        """The same for the service."""
        return Spoken(
            why=self.why,
            with_id=self.with_id or "",
            with_name=self.with_name or "",
            day=self.day,
            clock=time.fromisoformat(self.clock),
            result=self.result,
        )


@routes.post(
    "/api/cases/{case_id}/telephone",
    action=Action.CALL_ON_CASE,
    owns=ObjectType.CASE,
    body=TelephoneBody,
    answer=KeptAnswer,
)
async def keep(request: web.Request) -> web.Response:
    """Write down that the case was consulted on by telephone."""
    case_id, body = path_id(request, "case_id"), await parse_body(request, TelephoneBody)
    await in_unit(
        request,
        telephone.keep_consult,
        case_id=case_id,
        spoken=body.spoken(),
        talks=talks_of(request.app),
    )
    return web.json_response(KeptAnswer(kept=True).model_dump())

"""The first look at a photograph that is still on its way (U12)."""

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.cases.images import service as images
from consult.kernel.errors import RefusedError
from server.doors import Routes
from server.errors import sentence
from server.forms import read_body
from server.intake.first_look import look_first
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_read
from server.views.sign_in import as_json

routes = Routes("first_looks")


class FirstLookAnswer(BaseModel):
    """What a small copy of the photograph shows; the photograph itself is judged anew."""

    verdict: str
    eye: str | None
    sentence: str


@routes.post(
    "/api/cases/{case_id}/images/first-look",
    action=Action.PREPARE_CASE,
    owns=ObjectType.CASE,
    answer=FirstLookAnswer,
)
async def look(request: web.Request) -> web.Response:
    """Say within seconds whether the camera has taken a fundus photograph, and keep nothing."""
    await in_read(request, images.get_open_case, path_id(request, "case_id"))
    if request.content_type != "image/jpeg":
        raise RefusedError("first-look-type")
    most = request.app[RULES].images.limits.largest_first_look_bytes
    found = await look_first(request.app, await read_body(request, most=most))
    answer = FirstLookAnswer(
        verdict=found.glance.value,
        eye=None if found.eye is None else found.eye.value,
        sentence=sentence(request, found.code, {}),
    )
    return as_json(answer)

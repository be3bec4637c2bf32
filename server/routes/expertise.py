"""What single experts read and do (ID-06)."""

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.people.routing import experts
from consult.people.routing.expertise import Expertise
from server.auth.fields import TermCode
from server.doors import Routes
from server.forms import Body, parse_body
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_unit
from server.views import expertise as views
from server.views.sign_in import Moved, moved

routes = Routes("expertise")
_MOST = 100


class ExpertiseBody(Body):
    """All fields, services, devices and treatments of an expert; an empty list says nothing."""

    fields: list[TermCode] = Field(default=[], max_length=_MOST)
    services: list[TermCode] = Field(default=[], max_length=_MOST)
    reads: list[TermCode] = Field(default=[], max_length=_MOST)
    treats: list[TermCode] = Field(default=[], max_length=_MOST)


@routes.post(
    "/api/admin/people/{practitioner_id}/expertise",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.PRACTITIONER,
    body=ExpertiseBody,
    answer=Moved,
)
async def set_expertise(request: web.Request) -> web.Response:
    """Say what an expert reads and does."""
    practitioner_id = path_id(request, "practitioner_id")
    body = await parse_body(request, ExpertiseBody)
    await in_unit(
        request,
        experts.set_expertise,
        practitioner_id=practitioner_id,
        expertise=Expertise(
            frozenset(body.fields),
            frozenset(body.services),
            frozenset({*body.reads, *body.treats}),
        ),
        known=views.known_facets(request.app[RULES]),
    )
    return moved(f"/admin/people/{practitioner_id}")

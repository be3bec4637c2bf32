"""Why a case goes past the hub; who can do what; a clinic's chain (Q-05, ID-06)."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from consult.access.model import Action, ObjectType
from consult.cases.routing import service as routing
from consult.people.routing import service as capabilities
from server.doors import Routes
from server.forms import Body, Id, Reason, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.typed import Version
from server.views import expertise
from server.views import routing as views
from server.views.case_json import CaseAnswer, case_as_json
from server.views.sign_in import Moved, moved

routes = Routes("routing")
_MOST_CODES = 100
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,40}$")]


class HubReasonBody(Body):
    """Why a panel elsewhere than at the hub is asked."""

    version: Version
    reason: Reason


class CapabilitiesBody(Body):
    """Everything that an institution can do."""

    codes: list[Code] = Field(default=[], max_length=_MOST_CODES)


class ChainBody(Body):
    """The second-level and the third-level hospital that a clinic has signed with."""

    second_id: Id | None = None
    third_id: Id | None = None


@routes.post(
    "/api/cases/{case_id}/hub-reason",
    action=Action.SUBMIT_CASE,
    owns=ObjectType.CASE,
    body=HubReasonBody,
    answer=CaseAnswer,
)
async def say_hub_reason(request: web.Request) -> web.Response:
    """Write why this draft goes past the hub."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, HubReasonBody)
    case = await in_unit(
        request,
        routing.say_hub_reason,
        case_id=case_id,
        revision=body.version,
        reason=body.reason,
        rules=request.app[RULES].cases.routing,
    )
    return web.json_response(case_as_json(case, location=f"/cases/{case.id}"))


@routes.get("/capabilities", action=Action.SEE_DIRECTORY)
async def index(request: web.Request) -> web.Response:
    """Which institutions and experts can do all of what is ticked, and what the others lack."""
    rules = request.app[RULES]
    known, fields = views.known_codes(request), rules.terms.groups["specialty"]
    asked = expertise.Asked(
        needed=[code for code in request.query.getall("need", []) if code in known],
        field=found if (found := request.query.get("field", "")) in fields else "",
        consortium_id=request.query.get("in") or None,
    )
    personal = expertise.personal_codes(rules)
    page = await in_read(request, expertise.make_page, asked=asked, personal=personal)
    return await render(request, "capabilities/list.html", title=N_("Who can do what"), page=page)


@routes.get(
    "/admin/institutions/{institution_id}/capabilities",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.INSTITUTION,
)
async def show(request: web.Request) -> web.Response:
    """What one institution can do, and its chain."""
    institution_id = path_id(request, "institution_id")
    page = await in_read(request, views.make_form, institution_id=institution_id)
    return await render(
        request, "capabilities/show.html", title=N_("What the institution can do"), page=page
    )


@routes.post(
    "/api/admin/institutions/{institution_id}/capabilities",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.INSTITUTION,
    body=CapabilitiesBody,
    answer=Moved,
)
async def set_capabilities(request: web.Request) -> web.Response:
    """Say what an institution can do."""
    institution_id = path_id(request, "institution_id")
    body = await parse_body(request, CapabilitiesBody)
    await in_unit(
        request,
        capabilities.set_capabilities,
        institution_id=institution_id,
        codes=frozenset(body.codes),
        known=views.known_codes(request),
    )
    return moved(f"/admin/institutions/{institution_id}/capabilities")


@routes.post(
    "/api/admin/institutions/{institution_id}/chain",
    action=Action.ADMINISTER_CONSORTIUM,
    owns=ObjectType.INSTITUTION,
    body=ChainBody,
    answer=Moved,
)
async def set_chain(request: web.Request) -> web.Response:
    """Write a clinic's chain of hospitals (1+1+1)."""
    institution_id = path_id(request, "institution_id")
    body = await parse_body(request, ChainBody)
    await in_unit(
        request,
        capabilities.set_chain,
        institution_id=institution_id,
        second_id=body.second_id,
        third_id=body.third_id,
    )
    return moved(f"/admin/institutions/{institution_id}/capabilities")

"""What pickers offer: the panels to which the acting institution may send a case."""

from aiohttp import web

from consult.access.model import Action
from consult.cases.model import ServiceType
from consult.kernel.errors import RefusedError
from server.doors import Routes
from server.requests import language
from server.transactions import in_read
from server.views import directory as views
from server.views.sign_in import as_json

routes = Routes("directory")


@routes.get("/api/directory/panels", action=Action.SEE_DIRECTORY, answer=views.PanelChoices)
async def panels(request: web.Request) -> web.Response:
    """The panels that give this service to the acting institution today, by agreement."""
    try:
        service_type = ServiceType(request.query.get("service_type", ""))
    except ValueError:
        raise RefusedError("field-not-a-choice", field="service_type") from None
    return as_json(
        await in_read(
            request, views.make_choices, service_type=service_type, tongue=language(request)
        )
    )

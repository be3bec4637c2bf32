"""The description of the JSON routes, for whoever writes a client."""

from aiohttp import web

from server.doors import Routes
from server.keys import OPENAPI

routes = Routes("openapi")


@routes.get("/openapi.json", public=True)
async def show(request: web.Request) -> web.Response:
    """The OpenAPI document, made from the doors themselves."""
    return web.json_response(request.app[OPENAPI]())

"""Whether documents can be set here: asked now and then, told at once."""

from aiohttp import web

from imaging.errors import ImagingError
from server.keys import TYPEFACE, TYPESETTER

ASK_EVERY_S = 20.0


async def ask_typeface(app: web.Application) -> None:
    """Standing job: ask the typesetter for its face."""
    try:
        answer = await app[TYPESETTER].run("ping", {})
    except ImagingError:
        app[TYPEFACE].warnings = ("typesetter",)
        return
    app[TYPEFACE].family = str(answer["family"] or "")
    app[TYPEFACE].warnings = () if answer["family"] else ("chinese-font",)

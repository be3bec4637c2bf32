"""The test pattern for the display on which somebody reads, and what she says of it (VW-10)."""

from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Strict

from consult.access.model import Action
from consult.reports.displays import service as displays
from server.doors import Routes
from server.forms import Body, parse_body
from server.i18n import N_
from server.pages import render
from server.screens import ShownDisplay
from server.transactions import in_read, in_unit
from server.views.sign_in import as_json

routes = Routes("displays")


class CheckBody(Body):
    """The display, and whether all of the pattern was told apart on it."""

    display: ShownDisplay
    passed: Annotated[bool, Strict()]


class CheckAnswer(BaseModel):
    """What was kept."""

    display: str
    passed: bool
    checked_at: str


@routes.get("/display-check", action=Action.WRITE_REPORT)
async def show(request: web.Request) -> web.Response:
    """The pattern, and what was said of it lately."""
    checks = await in_read(request, displays.list_newest)
    return await render(
        request, "displays/check.html", title=N_("Display check"), page={"checks": checks}
    )


@routes.post("/api/display-checks", action=Action.WRITE_REPORT, body=CheckBody, answer=CheckAnswer)
async def check(request: web.Request) -> web.Response:
    """Keep what was seen."""
    body = await parse_body(request, CheckBody)
    made = await in_unit(request, displays.note_check, display=body.display, passed=body.passed)
    return as_json(
        CheckAnswer(
            display=made.display, passed=made.passed, checked_at=made.checked_at.isoformat()
        )
    )

"""The requesting physician's own reading: locked, passed over with a reason, counted (TRN-02)."""

from typing import Annotated

from aiohttp import web
from pydantic import Field, StringConstraints

from consult.access.model import Action, ObjectType
from consult.reports.own import service as own
from consult.reports.own.model import HIGHEST_GRADE, LONGEST_WORDS, EyeSaid, Finding, Said
from server.doors import Routes
from server.forms import Body, Reason, Text, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import path_id, signed_in
from server.transactions import in_read, in_unit
from server.views import own_readings as views
from server.views import training
from server.views.sign_in import Moved, as_json, moved

routes = Routes("own_readings")
Grade = Annotated[int, Field(ge=0, le=HIGHEST_GRADE, strict=True)]


class OwnReadingBody(Body):
    """The short form; an eye without a finding was not read."""

    right: Finding | None = None
    right_icdr: Grade | None = None
    left: Finding | None = None
    left_icdr: Grade | None = None
    words: Annotated[Text, StringConstraints(max_length=LONGEST_WORDS)] = ""


class SkipBody(Body):
    """Why the opinion is needed before an own reading."""

    reason: Reason


@routes.post(
    "/api/cases/{case_id}/own-reading",
    action=Action.WRITE_OWN_READING,
    owns=ObjectType.CASE,
    body=OwnReadingBody,
    answer=Moved,
)
async def lock(request: web.Request) -> web.Response:
    """Lock the reading; the opinion, where one waits, is open from then on."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, OwnReadingBody)
    said = Said(_eye(body.right, body.right_icdr), _eye(body.left, body.left_icdr), body.words)
    rules = request.app[RULES].own
    await in_unit(request, own.lock_reading, case_id=case_id, said=said, rules=rules)
    return moved(f"/cases/{case_id}#own")


@routes.post(
    "/api/cases/{case_id}/own-reading/skip",
    action=Action.SEE_REPORT,
    owns=ObjectType.CASE,
    body=SkipBody,
    answer=Moved,
)
async def skip(request: web.Request) -> web.Response:
    """Show the opinion now, for a reason that is written down and counted."""
    case_id = path_id(request, "case_id")
    body = await parse_body(request, SkipBody)
    await in_unit(request, own.see_without, case_id=case_id, reason=body.reason)
    return moved(f"/cases/{case_id}#report")


@routes.get(
    "/api/cases/{case_id}/own-reading",
    action=Action.SEE_REPORT,
    owns=ObjectType.CASE,
    answer=views.OwnReadingAnswer,
)
async def read(request: web.Request) -> web.Response:
    """The own reading as data."""
    return as_json(await in_read(request, views.find, path_id(request, "case_id")))


@routes.get("/training", action=Action.SEE_TRAINING)
async def show_training(request: web.Request) -> web.Response:
    """The curve of the reader, or for a manager of every doctor of the institution."""
    page = await _counted(request)
    return await render(
        request,
        "training/show.html",
        title=N_("Training"),
        page=page,
        heads=training.heads(request),
        tables=training.tables(request, page),
    )


@routes.get("/api/training", action=Action.SEE_TRAINING, answer=training.TrainingAnswer)
async def read_training(request: web.Request) -> web.Response:
    """The same as data."""
    return web.json_response(training.as_json(await _counted(request)))


async def _counted(request: web.Request) -> training.Page:
    rules, zone = request.app[RULES], signed_in(request).zone
    page = await in_read(request, training.make_page, rules=rules, zone=zone)
    await in_unit(request, training.note_opened, everybody=page.everybody)
    return page


def _eye(finding: Finding | None, icdr: int | None) -> EyeSaid | None:
    return None if finding is None else EyeSaid(finding, icdr)

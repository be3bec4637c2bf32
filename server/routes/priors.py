"""Earlier exams beside a case (VW-03): listed, opened, laid over today's photographs."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.kernel.errors import RefusedError
from consult.studies.model import Instance, Part
from imaging.descriptor import write_all
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError
from server.doors import Routes
from server.forms import Body, Id, parse_body
from server.images.imagery import IMAGERY
from server.images.imagestore import read_blob
from server.intake.spool import memory_files
from server.keys import JAIL, RULES
from server.requests import path_id, signed_in
from server.rules.viewing import ViewingRules
from server.transactions import in_read, in_unit
from server.views import priors as views
from server.views.sign_in import as_json

routes = Routes("priors")
_READ = {"action": Action.CLAIM_CASE, "needs": (Action.SEE_IMAGE,), "owns": ObjectType.CASE}


class PairBody(Body):
    """Today's picture, and the one of the exam that is to be laid over it."""

    image_id: Id
    prior_image_id: Id


@routes.get("/api/cases/{case_id}/priors", answer=views.PriorsAnswer, **_READ)
async def index(request: web.Request) -> web.Response:
    """The earlier exams that the reader may look at beside a case, the newest first."""
    found = await in_read(request, views.list_of_case, path_id(request, "case_id"))
    return as_json(views.PriorsAnswer(priors=[views.view_of(request, each) for each in found]))


@routes.post("/api/cases/{case_id}/priors/{prior_id}/open", answer=views.OpenedPrior, **_READ)
async def open_one(request: web.Request) -> web.Response:
    """Open an earlier exam beside a case; a look at it stands in that case's journal."""
    exam = await in_unit(
        request, views.open_exam, path_id(request, "case_id"), path_id(request, "prior_id")
    )
    return as_json(views.opened_view_of(request, exam))


@routes.post(
    "/api/cases/{case_id}/priors/{prior_id}/registration",
    body=PairBody,
    answer=views.RegistrationAnswer,
    **_READ,
)
async def registration(request: web.Request) -> web.Response:
    """Where an earlier photograph lies in today's of the same eye, where that can be told."""
    body = await parse_body(request, PairBody)
    today, prior = await in_read(
        request,
        views.find_pair,
        path_id(request, "case_id"),
        path_id(request, "prior_id"),
        image_id=body.image_id,
        prior_image_id=body.prior_image_id,
    )
    request.app[IMAGERY].viewings.note_read(signed_in(request).actor, [prior])
    told = await _register(request.app, today, prior)
    return as_json(_answer(told, today, prior, request.app[RULES].viewing))


async def _register(app: web.Application, today: Instance, prior: Instance) -> Mapping[str, Any]:
    """The jail's word on the two previews."""
    if Part.PREVIEW not in today.blobs or Part.PREVIEW not in prior.blobs:
        raise RefusedError("picture-none", field="prior_image_id")
    previews = [await read_blob(app, each.blobs[Part.PREVIEW]) for each in (today, prior)]
    async with app[IMAGERY].renders:
        try:
            with memory_files(len(previews)) as descriptors:
                for descriptor, preview in zip(descriptors, previews, strict=True):
                    write_all(descriptor, preview)
                return await app[JAIL].run("register", {}, inputs=descriptors)
        except (JailRefusedError, JailCrashedError, JailTimedOutError):
            raise RefusedError("picture-unreadable", field="prior_image_id") from None


def _answer(
    told: Mapping[str, Any], today: Instance, prior: Instance, rules: ViewingRules
) -> views.RegistrationAnswer:
    """The similarity in the pixels of both; raises RefusedError above the tolerance."""
    is_good = (
        told["is_found"]
        and told["agreeing"] >= rules.least_agreeing
        and told["residual"] <= rules.most_residual
    )
    if not is_good:
        raise RefusedError("registration-not-found", field="prior_image_id")
    width, rows, prior_width = (
        today.description.columns,
        today.description.rows,
        prior.description.columns,
    )
    if not (width and rows and prior_width):
        raise RefusedError("picture-none", field="prior_image_id")
    share = width / prior_width
    return views.RegistrationAnswer(
        a=told["factor"][0] * share,
        b=told["factor"][1] * share,
        x=told["shift"][0] * width,
        y=told["shift"][1] * width,
        residual_px=told["residual"] * max(width, rows),
        agreeing=told["agreeing"],
    )

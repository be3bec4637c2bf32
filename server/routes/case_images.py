"""The images of a case: marked, confirmed, asked about, excused, removed, moved."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.cases.images import service as images
from consult.cases.images import service_confirm, service_move
from consult.cases.images.service_confirm import Said
from consult.cases.images.service_move import Move
from consult.cases.protocol import CaptureException, CaptureProtocol, FieldCode, NoImageReason
from consult.kernel.errors import RefusedError
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from server.doors import Routes
from server.forms import Body, Id, Reason, Text, parse_body
from server.images.imagestore import keeping_ledger
from server.intake.relabelling import refile_all, relabel_all
from server.keys import RULES
from server.requests import path_id
from server.rules.rulebook import Rulebook
from server.transactions import in_read, in_unit
from server.views import case_images as views
from server.views.image_views import CaseImagesView
from server.views.sign_in import as_json

routes = Routes("case_images")
_OWN = {"action": Action.PREPARE_CASE, "owns": ObjectType.CASE}


class ChosenBody(Body):
    """The chosen images of one form, with what its buttons need: mark, remove, move."""

    image_ids: list[Id] = Field(default=[], max_length=1000)
    eye: Eye | None = None
    field: FieldCode | None = None
    to_case_id: Id | None = None
    reason: Text = ""


class SaidBody(Body):
    """What the page showed of one image."""

    id: Id
    eye: Eye | None = None
    field: FieldCode | None = None


class ConfirmBody(Body):
    """The whole set as it was shown."""

    images: Annotated[list[SaidBody], Field(min_length=1, max_length=1000)]


class ConfirmOneBody(Body):
    """Eye and field of one image, against its sources if need be."""

    eye: Eye | None = None
    field: FieldCode


class AnswerBody(Body):
    """The images are the banner's patient's; a note may say how that is known."""

    note: Text = ""


class SettleBody(Body):
    """Why the stored image stays."""

    reason: Reason


class PlaceBody(Body):
    """A field of an eye, or with none the whole eye."""

    eye: Eye
    field: FieldCode | None = None


class ExcuseBody(PlaceBody):
    """What could not be photographed, and why."""

    reason: NoImageReason


@routes.get("/api/cases/{case_id}/images", answer=CaseImagesView, **_OWN)
async def index(request: web.Request) -> web.Response:
    """The set with everything that is asked and missing."""
    return await _answer(request)


@routes.post("/api/cases/{case_id}/images/mark", body=ChosenBody, answer=CaseImagesView, **_OWN)
async def mark(request: web.Request) -> web.Response:
    """Mark eye or field; nothing is confirmed by it."""
    body = await parse_body(request, ChosenBody)
    await in_unit(
        request,
        service_confirm.mark_images,
        path_id(request, "case_id"),
        image_ids=_chosen(body),
        eye=body.eye,
        field=body.field,
    )
    return await _answer(request)


@routes.post("/api/cases/{case_id}/images/confirm", body=ConfirmBody, answer=CaseImagesView, **_OWN)
async def confirm(request: web.Request) -> web.Response:
    """Confirm the whole set by one act."""
    body = await parse_body(request, ConfirmBody)
    said = [Said(each.id, each.eye, each.field) for each in body.images]
    await _confirm(request, said, is_single=False)
    return await _answer(request)


@routes.post(
    "/api/cases/{case_id}/images/{image_id}/confirm",
    body=ConfirmOneBody,
    answer=CaseImagesView,
    **_OWN,
)
async def confirm_one(request: web.Request) -> web.Response:
    """Confirm one image whose sources differ, or that nothing was known about."""
    body = await parse_body(request, ConfirmOneBody)
    said = [Said(path_id(request, "image_id"), body.eye, body.field)]
    await _confirm(request, said, is_single=True)
    return await _answer(request)


@routes.post(
    "/api/cases/{case_id}/images/questions/{question_id}/answer",
    body=AnswerBody,
    answer=CaseImagesView,
    **_OWN,
)
async def answer_question(request: web.Request) -> web.Response:
    """The images in doubt belong to the patient of the banner."""
    body = await parse_body(request, AnswerBody)
    await in_unit(
        request,
        images.answer_question,
        path_id(request, "case_id"),
        question_id=path_id(request, "question_id"),
        note=body.note,
    )
    return await _answer(request)


@routes.post(
    "/api/cases/{case_id}/images/conflicts/{conflict_id}/settle",
    body=SettleBody,
    answer=CaseImagesView,
    **_OWN,
)
async def settle(request: web.Request) -> web.Response:
    """Keep the stored image of a conflict."""
    body = await parse_body(request, SettleBody)
    await in_unit(
        request,
        images.settle,
        path_id(request, "case_id"),
        conflict_id=path_id(request, "conflict_id"),
        reason=body.reason,
    )
    return await _answer(request)


@routes.post("/api/cases/{case_id}/images/excuses", body=ExcuseBody, answer=CaseImagesView, **_OWN)
async def excuse(request: web.Request) -> web.Response:
    """A field, or a whole eye, could not be photographed."""
    body = await parse_body(request, ExcuseBody)
    said = CaptureException(body.eye, body.field, body.reason)
    await in_unit(request, images.excuse_field, path_id(request, "case_id"), excuse=said)
    return await _answer(request)


@routes.post(
    "/api/cases/{case_id}/images/excuses/drop",
    body=PlaceBody,
    answer=CaseImagesView,
    **_OWN,
)
async def drop_excuse(request: web.Request) -> web.Response:
    """It can be photographed after all."""
    body = await parse_body(request, PlaceBody)
    case_id = path_id(request, "case_id")
    await in_unit(request, images.drop_excuse, case_id, eye=body.eye, field=body.field)
    return await _answer(request)


@routes.post("/api/cases/{case_id}/images/remove", body=ChosenBody, answer=CaseImagesView, **_OWN)
async def remove(request: web.Request) -> web.Response:
    """Take images out of the case."""
    body = await parse_body(request, ChosenBody)
    await in_unit(
        request,
        service_move.remove_images,
        path_id(request, "case_id"),
        image_ids=_chosen(body),
        reason=body.reason,
    )
    return await _answer(request)


@routes.post("/api/cases/{case_id}/images/move", body=ChosenBody, answer=CaseImagesView, **_OWN)
async def move(request: web.Request) -> web.Response:
    """Move images, or with none chosen the whole set, to another patient's draft."""
    body = await parse_body(request, ChosenBody)
    if body.to_case_id is None:
        raise RefusedError("field-missing", field="to_case_id")
    wanted = Move(path_id(request, "case_id"), body.to_case_id, tuple(body.image_ids), body.reason)
    book = request.app[RULES].images
    plan = await in_unit(request, service_move.plan_move, wanted, names=book.names)
    async with keeping_ledger(request.app) as ledger:
        refiled = await refile_all(request.app, plan.photographs, plan.labels, ledger=ledger)
        await in_unit(request, service_move.move_images, wanted, refiled=refiled, rules=book.rules)
    return await _answer(request)


async def _confirm(request: web.Request, said: list[Said], *, is_single: bool) -> None:
    case_id = path_id(request, "case_id")
    protocol = await in_read(request, _protocol_of, case_id, rules=request.app[RULES])
    plan = await in_unit(
        request, service_confirm.plan_confirming, case_id, said=said, protocol=protocol
    )
    step = service_confirm.confirm_alone if is_single else service_confirm.confirm_set
    async with keeping_ledger(request.app) as ledger:
        relabelled = await relabel_all(request.app, plan, ledger=ledger)
        await in_unit(request, step, case_id, said=said, relabelled=relabelled, protocol=protocol)


def _chosen(body: ChosenBody) -> list[str]:
    if body.image_ids:
        return body.image_ids
    raise RefusedError("images-none-chosen", field="image_ids")


def _protocol_of(work: Work, case_id: str, *, rules: Rulebook) -> CaptureProtocol | None:
    case = images.get_own_case(work, case_id)
    return rules.cases.protocol_of(case.service_type)


async def _answer(request: web.Request) -> web.Response:
    rules = request.app[RULES]
    found = await in_read(request, views.gather, path_id(request, "case_id"), rules=rules)
    return as_json(views.of_set(request, found))

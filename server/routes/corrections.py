"""Pictures corrected after a submission: a wrong eye, a wrong patient."""

from typing import Annotated

from aiohttp import web
from pydantic import Field

from consult.access.model import Action, ObjectType
from consult.cases import service as cases
from consult.cases import service_draft
from consult.cases.corrections import service_eye, service_patient
from consult.cases.corrections.model import EyeWish, PatientWish
from consult.cases.errors import DraftExistsError
from consult.cases.protocol import FieldCode
from consult.cases.rules import CaseRules
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from server.doors import Routes
from server.forms import Body, Id, Reason, parse_body
from server.images.imagestore import keeping_ledger
from server.intake.relabelling import make_corrected
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.typed import Version
from server.views import correction_views as shapes
from server.views import corrections as views
from server.views import rereads
from server.views.sign_in import as_json

routes = Routes("corrections")
_OWN = {"action": Action.CORRECT_IMAGE, "owns": ObjectType.CASE}


class EyeBody(Body):
    """Which eye and field a picture really shows, and how that is known."""

    version: Version
    image_id: Id
    eye: Eye | None = None
    field: FieldCode
    reason: Reason


class PatientBody(Body):
    """Which pictures are another patient's, and where they belong, if that is known.

    Into an open draft, or one that is opened for the patient; with neither they are struck out.
    """

    version: Version
    image_ids: Annotated[list[Id], Field(max_length=1000)]
    to_case_id: Id | None = None
    to_patient_id: Id | None = None
    reason: Reason


@routes.get(
    "/api/cases/{case_id}/corrections",
    action=Action.SEE_CASE,
    owns=ObjectType.CASE,
    answer=shapes.CorrectionsView,
)
async def index(request: web.Request) -> web.Response:
    """What was corrected in a case, and what must be read again for it."""
    return await _answer(request, path_id(request, "case_id"))


@routes.get("/api/rereads", action=Action.SEE_WORKLIST, answer=rereads.RereadsAnswer)
async def list_rereads(request: web.Request) -> web.Response:
    """Which reports of the actor's panels must be read again."""
    return as_json(rereads.as_answer(await in_read(request, rereads.make_rereads)))


@routes.post(
    "/api/cases/{case_id}/corrections/eye", body=EyeBody, answer=shapes.CorrectionsView, **_OWN
)
async def correct_eye(request: web.Request) -> web.Response:
    """Give a picture its right eye and field."""
    body = await parse_body(request, EyeBody)
    case_id = path_id(request, "case_id")
    wish = EyeWish(case_id, body.image_id, body.version, body.eye, body.field, body.reason)
    plan = await in_unit(request, service_eye.plan_eye, wish)
    async with keeping_ledger(request.app) as ledger:
        made = await make_corrected(request.app, plan, ledger=ledger)
        await in_unit(request, service_eye.correct_eye, wish, made=made)
    return await _answer(request, case_id)


@routes.post(
    "/api/cases/{case_id}/corrections/patient",
    body=PatientBody,
    answer=shapes.CorrectionsView,
    **_OWN,
)
async def correct_patient(request: web.Request) -> web.Response:
    """Strike pictures out as another patient's, and copy them into that patient's draft."""
    body = await parse_body(request, PatientBody)
    case_id = path_id(request, "case_id")
    book = request.app[RULES]
    to_case_id = body.to_case_id
    if body.to_patient_id is not None:
        to_case_id = await in_unit(
            request,
            _draft_for,
            case_id,
            patient_id=body.to_patient_id,
            named=to_case_id,
            rules=book.cases,
        )
    wish = PatientWish(case_id, body.version, tuple(body.image_ids), to_case_id, body.reason)
    plan = await in_unit(request, service_patient.plan_patient, wish, names=book.images.names)
    async with keeping_ledger(request.app) as ledger:
        made = await make_corrected(request.app, plan, ledger=ledger)
        await in_unit(
            request, service_patient.correct_patient, wish, made=made, rules=book.images.rules
        )
    return await _answer(request, case_id)


def _draft_for(
    work: Work, case_id: str, *, patient_id: str, named: str | None, rules: CaseRules
) -> str:
    """A draft for the right patient, as the case whose pictures were mixed up; one may be there."""
    case = cases.get_own_case(work, case_id)
    if named is not None or case.panel_id is None or patient_id == case.patient_id:
        raise RefusedError("correction-target", field="to_patient_id")
    try:
        opened = service_draft.open_case(
            work,
            patient_id=patient_id,
            service_type=case.service_type,
            panel_id=case.panel_id,
            rules=rules,
        )
    except DraftExistsError as known:
        return known.case_id
    except NotFoundError:
        raise RefusedError("correction-target", field="to_patient_id") from None
    return opened.id


async def _answer(request: web.Request, case_id: str) -> web.Response:
    found = await in_read(request, views.gather_case, case_id, request.app[RULES])
    return as_json(found.said_to(request))

"""Patients: found by one search box, registered, opened, corrected."""

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.people.patients import service as patients
from consult.people.patients.documents import DocumentKind, Sex
from consult.people.patients.model import ContactRelation, PatientForm
from server.doors import Routes
from server.forms import Body, Text, parse_body
from server.i18n import N_
from server.keys import RULES
from server.pages import render
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.typed import Day, Version
from server.views import patients as views
from server.views.unread import unread_for

routes = Routes("patients")


class PatientBody(Body):
    """A registration as typed."""

    document_kind: DocumentKind
    name: Text = ""
    document_number: Text = ""
    sex: Sex | None = None
    birth_on: Day | None = None
    phone: Text = ""
    phone_relation: ContactRelation | None = None
    address: Text = ""
    guardian_name: Text = ""
    guardian_relation: ContactRelation | None = None
    guardian_phone: Text = ""

    def form(self) -> PatientForm:
        """The form that the rules check."""
        return PatientForm(**{key: getattr(self, key) for key in PatientBody.model_fields})


class FindBody(Body):
    """What was typed, scanned or read from a card."""

    q: Text = ""


class ChangeBody(PatientBody):
    """A correction of the record as the page showed it."""

    version: Version


class Registered(BaseModel):
    """A record, and where the browser goes."""

    id: str
    local_number: str
    version: int
    location: str


@routes.get("/patients", action=Action.SEE_PATIENT)
async def index(request: web.Request) -> web.Response:
    """The search box and the patients registered last."""
    return await _show(request, text="")


@routes.post("/patients", action=Action.SEE_PATIENT, body=FindBody)
async def find(request: web.Request) -> web.Response:
    """The same with whom the text means; it comes in the body, for a name is in no address."""
    body = await parse_body(request, FindBody)
    return await _show(request, text=body.q)


@routes.post(
    "/api/patients/search", action=Action.SEE_PATIENT, body=FindBody, answer=views.FoundAnswer
)
async def search(request: web.Request) -> web.Response:
    """The same as JSON."""
    body = await parse_body(request, FindBody)
    return web.json_response(views.found_as_json(await _search(request, text=body.q)))


@routes.get("/patients/new", action=Action.REGISTER_PATIENT)
async def new(request: web.Request) -> web.Response:
    """The registration form."""
    return await render(request, "patients/new.html", title=N_("Register patient"))


@routes.post("/api/patients", action=Action.REGISTER_PATIENT, body=PatientBody, answer=Registered)
async def register(request: web.Request) -> web.Response:
    """Register a patient."""
    body = await parse_body(request, PatientBody)
    patient = await in_unit(
        request, patients.register_patient, form=body.form(), rules=request.app[RULES].patients
    )
    return _registered(patient)


@routes.get("/patients/{patient_id}", action=Action.SEE_PATIENT, owns=ObjectType.PATIENT)
async def show(request: web.Request) -> web.Response:
    """One patient: facts, consents, cases."""
    page = await in_unit(request, views.make_patient_page, path_id(request, "patient_id"))
    return await render(
        request,
        "patients/show.html",
        title=N_("Patient"),
        page=page,
        consent_rules=request.app[RULES].cases.consent,
    )


@routes.get(
    "/api/patients/{patient_id}",
    action=Action.SEE_PATIENT,
    owns=ObjectType.PATIENT,
    answer=views.PatientAnswer,
)
async def read(request: web.Request) -> web.Response:
    """One patient as JSON."""
    patient = await in_unit(request, patients.open_patient, path_id(request, "patient_id"))
    return web.json_response(views.patient_as_json(patient))


@routes.get("/patients/{patient_id}/edit", action=Action.REGISTER_PATIENT, owns=ObjectType.PATIENT)
async def edit(request: web.Request) -> web.Response:
    """The form to correct a record or to settle the identity."""
    page = await in_unit(request, views.make_edit_page, path_id(request, "patient_id"))
    return await render(request, "patients/edit.html", title=N_("Correct the record"), page=page)


@routes.post(
    "/api/patients/{patient_id}",
    action=Action.REGISTER_PATIENT,
    owns=ObjectType.PATIENT,
    body=ChangeBody,
    answer=Registered,
)
async def update(request: web.Request) -> web.Response:
    """Correct a record."""
    return await _change(request, patients.update_patient)


@routes.post(
    "/api/patients/{patient_id}/identity",
    action=Action.REGISTER_PATIENT,
    owns=ObjectType.PATIENT,
    body=ChangeBody,
    answer=Registered,
)
async def settle(request: web.Request) -> web.Response:
    """Settle who the patient is, by a document."""
    return await _change(request, patients.settle_identity)


async def _show(request: web.Request, *, text: str) -> web.Response:
    page = await _search(request, text=text)
    return await render(
        request,
        "patients/list.html",
        title=N_("Patients"),
        page=page,
        unread=await unread_for(request),
    )


async def _search(request: web.Request, *, text: str) -> views.PatientsPage:
    return await in_read(
        request,
        views.make_patients_page,
        text=text,
        rules=request.app[RULES].patients,
    )


async def _change(request: web.Request, step: views.ChangeStep) -> web.Response:
    patient_id = path_id(request, "patient_id")
    body = await parse_body(request, ChangeBody)
    patient = await in_unit(
        request,
        step,
        patient_id,
        revision=body.version,
        form=body.form(),
        rules=request.app[RULES].patients,
    )
    return _registered(patient)


def _registered(patient: views.Patient) -> web.Response:
    answer = Registered(
        id=patient.id,
        local_number=patient.local_number,
        version=patient.revision,
        location=f"/patients/{patient.id}",
    )
    return web.json_response(answer.model_dump())

"""A patient's consent: recorded, listed, withdrawn."""

from decimal import Decimal

from aiohttp import web
from pydantic import BaseModel, Field

from consult.access.model import Action, ObjectType
from consult.cases.consent import Consent
from consult.cases.consent_rules import ConsentItem, ConsentScope, Signer, SigningMethod
from consult.cases.consents import service as consents
from consult.cases.consents.model import RecordedConsent
from consult.cases.papers import awaited
from consult.kernel.errors import FieldProblem, FormRefusedError
from server.doors import Routes
from server.forms import Body, Id, Text, parse_body
from server.keys import RULES
from server.requests import path_id
from server.transactions import in_read, in_unit
from server.typed import Day, Yuan

routes = Routes("consents")
_FEN_PER_YUAN = 100


class ConsentBody(Body):
    """What the form says; nothing is preset."""

    case_id: Id | None = None
    items: list[ConsentItem] = Field(default=[], max_length=len(ConsentItem))
    scope: ConsentScope | None = None
    signer: Signer | None = None
    method: SigningMethod | None = None
    signed_on: Day | None = None
    valid_until_on: Day | None = None
    cost_yuan: Yuan | None = None
    relation: Text = ""
    signer_name: Text = ""
    signer_document: Text = ""
    power_of_attorney: Text = ""
    witness_name: Text = ""
    adult_reason: Text = ""

    def consent(self) -> Consent:
        """The consent that the rules check."""
        told = {name: getattr(self, name) for name in _SAME}
        cost = None if self.cost_yuan is None else int(Decimal(self.cost_yuan) * _FEN_PER_YUAN)
        return Consent(items=frozenset(self.items), cost_fen=cost, **told)


_SAME = tuple(
    name for name in ConsentBody.model_fields if name not in {"case_id", "items", "cost_yuan"}
)


class WithdrawBody(Body):
    """Why a consent ends."""

    reason: Text = ""


class ConsentAnswer(BaseModel):
    """One consent as JSON."""

    id: str
    patient_id: str
    case_id: str | None
    items: list[str]
    scope: str | None
    signer: str | None
    method: str | None
    signed_on: str | None
    valid_until_on: str | None
    cost_fen: int | None
    text_version: str
    recorded_at: str
    withdrawn_at: str | None


class ConsentsAnswer(BaseModel):
    """A patient's consents, newest first."""

    consents: list[ConsentAnswer]


@routes.post(
    "/api/patients/{patient_id}/consents",
    action=Action.PREPARE_CASE,
    owns=ObjectType.PATIENT,
    body=ConsentBody,
    answer=ConsentAnswer,
)
async def record(request: web.Request) -> web.Response:
    """Record what was signed."""
    patient_id = path_id(request, "patient_id")
    body = await parse_body(request, ConsentBody)
    try:
        recorded = await in_unit(
            request,
            awaited.record_consent,
            patient_id=patient_id,
            case_id=body.case_id,
            consent=body.consent(),
            rules=request.app[RULES].cases.consent,
            papers=request.app[RULES].papers,
        )
    except FormRefusedError as refusal:
        raise FormRefusedError([_as_typed(each) for each in refusal.problems]) from None
    return web.json_response(_answer(recorded).model_dump())


@routes.get(
    "/api/patients/{patient_id}/consents",
    action=Action.SEE_PATIENT,
    owns=ObjectType.PATIENT,
    answer=ConsentsAnswer,
)
async def index(request: web.Request) -> web.Response:
    """A patient's consents."""
    found = await in_read(
        request, consents.list_consents, patient_id=path_id(request, "patient_id")
    )
    return web.json_response(
        ConsentsAnswer(consents=[_answer(each) for each in found]).model_dump()
    )


@routes.post(
    "/api/consents/{consent_id}/withdraw",
    action=Action.PREPARE_CASE,
    body=WithdrawBody,
    answer=ConsentAnswer,
)
async def withdraw(request: web.Request) -> web.Response:
    """End a consent; sharing stops at once."""
    consent_id = path_id(request, "consent_id")
    body = await parse_body(request, WithdrawBody)
    after = await in_unit(
        request, consents.withdraw_consent, consent_id=consent_id, reason=body.reason
    )
    return web.json_response(_answer(after).model_dump())


def _as_typed(problem: FieldProblem) -> FieldProblem:
    """The problem under the name of the form's own control: money is typed in yuan."""
    if problem.field != "cost_fen":
        return problem
    return FieldProblem("cost_yuan", problem.code, problem.facts)


def _answer(recorded: RecordedConsent) -> ConsentAnswer:
    consent = recorded.consent
    return ConsentAnswer(
        id=recorded.id,
        patient_id=recorded.patient_id,
        case_id=recorded.case_id,
        items=sorted(consent.items),
        scope=consent.scope,
        signer=consent.signer,
        method=consent.method,
        signed_on=None if consent.signed_on is None else consent.signed_on.isoformat(),
        valid_until_on=(
            None if consent.valid_until_on is None else consent.valid_until_on.isoformat()
        ),
        cost_fen=consent.cost_fen,
        text_version=recorded.text_version,
        recorded_at=recorded.recorded_at.isoformat(),
        withdrawn_at=None if recorded.withdrawn_at is None else recorded.withdrawn_at.isoformat(),
    )

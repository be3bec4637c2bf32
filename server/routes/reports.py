"""Reports: the draft, its check, the signature and the paper."""

from dataclasses import replace
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field, JsonValue, Strict

from consult.access import policy
from consult.access.model import Action, ObjectType
from consult.people.sessions import windows
from consult.people.sessions.errors import WindowMovedError, WindowOverError
from consult.reports import service as reports
from consult.reports import service_check, service_sign
from consult.reports.papers.errors import PaperRefusedError
from consult.reports.signing import NotInWindowError
from server.doors import Routes
from server.errors import sentence
from server.forms import Body, parse_body
from server.i18n import N_
from server.keys import RULES, SEAL
from server.pages import render
from server.pdf.seal_words import seal_words
from server.requests import path_id, signed_in
from server.routes.report_papers import NEEDED
from server.rules.report_of_case import rules_of_case
from server.screens import screen_of, screen_of_query
from server.signatures import (
    SignBody,
    SignedAnswer,
    answer_signed,
    confirm_signer,
    location_after,
    note_refused,
    proof_by_window,
)
from server.transactions import in_read, in_unit
from server.views import marks_out, report_paper
from server.views.report_check import CheckAnswer, check_as_json
from server.views.report_json import ReportAnswer, report_as_json
from server.views.report_preview import PreviewAnswer, preview_as_json
from server.views.sign_in import as_json
from server.views.signing_windows import of_window

routes = Routes("reports")
Eye = dict[str, JsonValue]
_CASE = {"owns": ObjectType.CASE}


class ReportBody(Body):
    """The report as it stands on the page; `version` counts the saved drafts, 0 before the first.

    Its fields are read by the rules of reports, which name everything that is wrong at once.
    """

    version: Annotated[int, Strict(), Field(ge=0, le=2**31 - 1)] = 0
    right: Eye | None = None
    left: Eye | None = None
    diagnoses: JsonValue = None
    impression: JsonValue = None
    answer: JsonValue = None
    advice: JsonValue = None
    referral_need: JsonValue = None
    referral_urgency: JsonValue = None
    interval_months: JsonValue = None
    override_reason: JsonValue = None
    limits: JsonValue = None
    amendment_reason: JsonValue = None
    sections: dict[str, JsonValue] | None = None

    @property
    def content(self) -> dict[str, object]:
        """What is kept."""
        return self.model_dump(exclude={"version"})


class DraftAnswer(BaseModel):
    """A saved draft."""

    version: int
    saved_at: str


@routes.post(
    "/api/cases/{case_id}/report/draft",
    action=Action.WRITE_REPORT,
    **_CASE,
    body=ReportBody,
    answer=DraftAnswer,
)
async def save_draft(request: web.Request) -> web.Response:
    """Keep what has been written so far."""
    body = await parse_body(request, ReportBody)
    draft = await in_unit(
        request,
        reports.save_draft,
        case_id=path_id(request, "case_id"),
        content=body.content,
        revision=body.version,
    )
    return as_json(DraftAnswer(version=draft.revision, saved_at=draft.saved_at.isoformat()))


@routes.post(
    "/api/cases/{case_id}/report/check",
    action=Action.WRITE_REPORT,
    **_CASE,
    body=ReportBody,
    answer=CheckAnswer,
)
async def check(request: web.Request) -> web.Response:
    """What the rule finds, and what still keeps the report from being signed; stores nothing."""
    body = await parse_body(request, ReportBody)
    case_id = path_id(request, "case_id")
    rules = await rules_of_case(request, case_id)
    checked = await in_read(
        request,
        service_check.check_content,
        case_id=case_id,
        content=body.content,
        rules=rules,
    )
    return web.json_response(check_as_json(request, checked, rules))


@routes.get(
    "/api/cases/{case_id}/report/preview",
    action=Action.SIGN_REPORT,
    **_CASE,
    answer=PreviewAnswer,
)
async def preview(request: web.Request) -> web.Response:
    """What would be signed now, in words."""
    case_id = path_id(request, "case_id")
    shown, window = await in_read(
        request,
        service_sign.preview_with_window,
        case_id=case_id,
        rules=await rules_of_case(request, case_id),
        signing=request.app[RULES].signing,
        screen=screen_of_query(request),
    )
    told = preview_as_json(request, shown)
    if window is not None:
        told["window"] = of_window(request, window).sentence
    return web.json_response(told)


@routes.post(
    "/api/cases/{case_id}/report/sign",
    action=Action.SIGN_REPORT,
    **_CASE,
    body=SignBody,
    answer=SignedAnswer,
)
async def sign(request: web.Request) -> web.Response:
    """Sign what was shown, with the password again or in a signing window."""
    body = await parse_body(request, SignBody)
    case_id = path_id(request, "case_id")
    rules = await rules_of_case(request, case_id)
    screen = screen_of(request, body.device, body.display)
    if body.by == "window":
        proof = proof_by_window(request)
    else:
        # a proof is good for one act: it is not spent on what could not be signed
        await in_read(
            request,
            service_sign.require_shown,
            case_id=case_id,
            shown_sha256=body.shown_sha256,
            rules=rules,
            screen=screen,
        )
        proof = await confirm_signer(request, body.password, case_id=case_id)
    try:
        report = await in_unit(
            request,
            service_sign.sign_report,
            case_id=case_id,
            shown_sha256=body.shown_sha256,
            rules=rules,
            seal=request.app[SEAL],
            proof=replace(proof, screen=screen),
        )
    except (NotInWindowError, WindowOverError, WindowMovedError) as refused:
        await note_refused(request, case_id=case_id, why=refused.code)
        if isinstance(refused, WindowMovedError):
            await in_unit(request, windows.end_window, why="address")
        raise
    return as_json(answer_signed(report, location=await location_after(request, report, body)))


@routes.get("/reports/{report_id}", action=Action.SEE_REPORT, owns=ObjectType.REPORT)
async def show(request: web.Request) -> web.Response:
    """The report on paper; its signature is checked anew each time."""
    found = await in_unit(
        request, report_paper.gather, path_id(request, "report_id"), request.app[SEAL]
    )
    page = report_paper.of_report(request, found)
    if not request.app[RULES].roles.permits(signed_in(request).actor, Action.SEE_IMAGE):
        page = replace(page, pictures=())
    return await render(
        request,
        "reports/show.html",
        title=N_("Report"),
        page=page,
        seal=seal_words(request),
        paper_refusal=_paper_refusal(request, page),
        may_have_paper=await _may_have_paper(request, found.report.id),
        may_take_marks="marks" in page.content and await _may_take_marks(request, found.report.id),
    )


@routes.get(
    "/api/reports/{report_id}",
    action=Action.SEE_REPORT,
    owns=ObjectType.REPORT,
    answer=ReportAnswer,
)
async def read(request: web.Request) -> web.Response:
    """The signed content with its hash and signature."""
    found = await in_unit(
        request, report_paper.gather, path_id(request, "report_id"), request.app[SEAL]
    )
    return web.json_response(report_as_json(found))


async def _may_have_paper(request: web.Request, report_id: str) -> bool:
    """Whether the PDF, which names the patient and shows her pictures, may go to this reader."""
    roles, actor = request.app[RULES].roles, signed_in(request).actor
    is_named = all(roles.permits(actor, action) for action in NEEDED)
    return is_named and await in_read(request, policy.may_take_out, reports.report_ref(report_id))


async def _may_take_marks(request: web.Request, report_id: str) -> bool:
    """Whether this reader is led to the marks of the case, to take them along."""
    ref = reports.report_ref(report_id)
    return await in_read(request, marks_out.may_take, ref, request.app[RULES])


def _paper_refusal(request: web.Request, page: report_paper.PaperPage) -> str:
    """Why there is no PDF, in words."""
    if page.paper is None or not page.paper.is_refused:
        return ""
    refusal = PaperRefusedError(page.paper.failure, page.paper.detail)
    return sentence(request, refusal.code, refusal.facts)

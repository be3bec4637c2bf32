"""The reading room: the case and its pictures, what was seen, what is left out."""

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.cases.drafts import RED_FLAGS, flags_in
from consult.cases.model import Case
from consult.reports import service_looks
from consult.reports.versions import Look
from server.doors import Routes
from server.forms import Body, Text, parse_body
from server.i18n import N_
from server.keys import LANGUAGES, RULES
from server.moments import format_left
from server.pages import render
from server.requests import language, path_id, signed_in
from server.security import POLICY, VIEWER_POLICY
from server.transactions import in_unit
from server.views import priors
from server.views import reading as views
from server.views.case_form import answer_text, summary_of
from server.views.case_images import excuse_view
from server.views.marks_out import NEEDED
from server.views.return_form import choices_of
from server.views.signing_windows import signing_words

routes = Routes("reading")


class LeftOut(Body):
    """Why a picture is left out; without a reason it counts again."""

    reason: Text = ""


class LookAnswer(BaseModel):
    """What is known of one reader and one picture."""

    instance_id: str
    seen_at: str | None
    left_out_reason: str


@routes.get("/cases/{case_id}/reading", action=Action.CLAIM_CASE, owns=ObjectType.CASE)
async def show(request: web.Request) -> web.Response:
    """The room as a page."""
    page = await in_unit(request, views.gather, path_id(request, "case_id"), request.app[RULES])
    tongue = language(request)
    answer = await render(
        request,
        "reading/show.html",
        title=N_("Reading"),
        page=page,
        facts=[*_unable(request, page), *summary_of(request, page.case)],
        flags=_flags(request, page.case),
        signing=signing_words(request),
        left=lambda at: format_left(at, now=page.now, language=tongue),
        viewing=request.app[RULES].viewing.told_in(tongue),
        second=page.second,
        columns=[] if page.second is None else page.second.columns(request),
        differences=[] if page.second is None else page.second.differences(request),
        priors=[priors.view_of(request, each) for each in page.priors],
        may_take_marks=_may_take_marks(request),
        asking=choices_of(request, page.case),
    )
    answer.headers[POLICY] = VIEWER_POLICY
    answer.enable_compression()  # nothing of the request is in it (0233)
    return answer


@routes.post(
    "/api/cases/{case_id}/images/{instance_id}/seen",
    action=Action.SEE_IMAGE,
    owns=ObjectType.CASE,
    answer=LookAnswer,
)
async def seen(request: web.Request) -> web.Response:
    """The picture was on the screen in full."""
    look = await in_unit(
        request,
        service_looks.note_seen,
        case_id=path_id(request, "case_id"),
        instance_id=path_id(request, "instance_id"),
    )
    return _answer(look)


@routes.post(
    "/api/cases/{case_id}/images/{instance_id}/leave-out",
    action=Action.WRITE_REPORT,
    owns=ObjectType.CASE,
    body=LeftOut,
    answer=LookAnswer,
)
async def leave_out(request: web.Request) -> web.Response:
    """The report does not rest on this picture, or does again."""
    body = await parse_body(request, LeftOut)
    look = await in_unit(
        request,
        service_looks.leave_out,
        case_id=path_id(request, "case_id"),
        instance_id=path_id(request, "instance_id"),
        reason=body.reason,
    )
    return _answer(look)


def _flags(request: web.Request, case: Case) -> str:
    """The red flags that are ticked, in words; empty where there are none."""
    form = request.app[RULES].cases.forms[case.service_type]
    ticked = [flag for flag in flags_in(case.answers) if flag != "none"]
    return answer_text(request, form.question(RED_FLAGS), ticked) if ticked else ""


def _unable(request: web.Request, page: views.ReadingPage) -> list[tuple[str, str]]:
    """What the inviting side could not photograph, which may itself be a finding (U3)."""
    label = request.app[LANGUAGES].text(language(request), N_("Unable to photograph"))
    return [(label, excuse_view(request, excuse).text) for excuse in page.excuses]


def _answer(look: Look) -> web.Response:
    answer = LookAnswer(
        instance_id=look.instance_id,
        seen_at=None if look.seen_at is None else look.seen_at.isoformat(),
        left_out_reason=look.left_out_reason,
    )
    return web.json_response(answer.model_dump())


def _may_take_marks(request: web.Request) -> bool:
    """Whether the reader's role lets marks leave the house."""
    roles, actor = request.app[RULES].roles, signed_in(request).actor
    return all(roles.permits(actor, action) for action in NEEDED)

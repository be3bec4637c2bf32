"""今日筛查: the day's list, and its patients one after the other on a page that is never left."""

from typing import Annotated, Final

from aiohttp import web
from pydantic import AfterValidator, BaseModel, Field, Strict, StringConstraints

from consult.access.model import Action, ObjectType
from consult.cases.advance import service as advance
from consult.cases.model import CaseStatus
from consult.cases.screening import service as screening
from consult.cases.screening.errors import ListUnreadableError
from consult.kernel.errors import ConflictError, ConsultError, NotFoundError, RefusedError
from server.auth.fields import NothingBody
from server.doors import Routes
from server.forms import Body, Id, Text, parse_body, read_body, readable
from server.i18n import N_
from server.intake.list_file import read_list_file
from server.keys import RULES
from server.pages import render
from server.queries import optional_id
from server.requests import path_id, query_page, signed_in
from server.transactions import in_read, in_unit
from server.views import case_page, screening_list, screening_sheet
from server.views import cases as case_views
from server.views.screening import ROWS, make_desk
from server.views.sign_in import as_json

routes = Routes("screening")
LARGEST_LIST: Final = 2_000_000
Shown = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}:[1-9][0-9]{0,8}$")]


def _pasted(text: str) -> str:
    """As every text is read; the line ends of Windows are lines too."""
    return readable(text.replace("\r\n", "\n"))


ListText = Annotated[str, StringConstraints(max_length=LARGEST_LIST), AfterValidator(_pasted)]


class CheckBody(Body):
    """A list as it was pasted."""

    q: ListText = ""


class TakeBody(Body):
    """The list that was checked, and how many of its lines were in order."""

    text: ListText
    count: Annotated[int, Strict(), Field(ge=1, le=LARGEST_LIST)]


class ScanBody(Body):
    """What a scanner, a card reader or a person typed."""

    q: Text = ""


class BeginBody(Body):
    """Which panel is asked."""

    panel_id: Id


class SubmitBody(Body):
    """The cases, each with the version that was shown: `<id>:<version>`."""

    cases: list[Shown] = Field(default=[], max_length=ROWS)


class ReadAnswer(BaseModel):
    """What a file says, as text."""

    text: str


class GoAnswer(BaseModel):
    """Where the page goes on."""

    location: str


@routes.get("/screening", action=Action.PREPARE_CASE)
async def show(request: web.Request) -> web.Response:
    """The day's list; the patient named by `row` is the current one and stands open."""
    rules, row = request.app[RULES], optional_id(request, "row")
    page = await in_read(request, make_desk, rules, row=row, number=query_page(request))
    opened = None
    if page.opened is not None and page.opened.is_editable and page.opened.case is not None:
        case_id = page.opened.case.id
        readiness = await in_unit(request, case_page.enter, case_id, rules)
        found = await in_read(request, case_page.gather, case_id, rules, readiness=readiness)
        opened = case_page.of_case(request, found)
    return await render(
        request,
        "screening/show.html",
        title=N_("Today's screening"),
        page=page,
        opened=opened,
        parts={} if opened is None else opened.parts,
        consent_rules=rules.cases.consent,
        may_print_notices=rules.roles.permits(signed_in(request).actor, Action.TELL_PATIENT),
        may_print_slips=rules.roles.permits(signed_in(request).actor, Action.SEE_REFERRAL),
        **case_views.words_for(request),
    )


@routes.get("/screening/list", action=Action.REGISTER_PATIENT)
async def show_list(request: web.Request) -> web.Response:
    """Where a list is pasted or a file is chosen."""
    return await _show_list(request, screening_list.ListPage())


@routes.post("/screening/list", action=Action.REGISTER_PATIENT, body=CheckBody)
async def check(request: web.Request) -> web.Response:
    """The report of every line; nothing is taken."""
    body = await parse_body(request, CheckBody, most=2 * LARGEST_LIST)
    rules = request.app[RULES]
    try:
        report = await in_read(
            request,
            screening.check_list,
            body.q,
            rules=rules.screening,
            registration=rules.patients,
        )
    except ListUnreadableError as refusal:
        return await _show_list(request, screening_list.of_refusal(request, refusal))
    return await _show_list(request, screening_list.of_report(request, body.q, report))


@routes.post("/api/screening/lists/read", action=Action.REGISTER_PATIENT, answer=ReadAnswer)
async def read(request: web.Request) -> web.Response:
    """The text of a CSV file or a workbook, to be checked as if it had been pasted."""
    most = request.app[RULES].screening.largest_list_bytes
    text = await read_list_file(request.app, await read_body(request, most=most))
    return as_json(ReadAnswer(text=text))


@routes.post("/api/screening/lists", action=Action.REGISTER_PATIENT, body=TakeBody, answer=GoAnswer)
async def take(request: web.Request) -> web.Response:
    """Register and list everybody whose line is in order."""
    body = await parse_body(request, TakeBody, most=2 * LARGEST_LIST)
    rules = request.app[RULES]
    await in_unit(
        request,
        screening.take_list,
        body.text,
        count=body.count,
        rules=rules.screening,
        registration=rules.patients,
    )
    return as_json(GoAnswer(location="/screening"))


@routes.post("/api/screening/scan", action=Action.PREPARE_CASE, body=ScanBody, answer=GoAnswer)
async def scan(request: web.Request) -> web.Response:
    """Open the row of whom the scan means; a registered patient is put on the list by it."""
    body = await parse_body(request, ScanBody)
    rules = request.app[RULES]
    patient_id = await in_unit(
        request, screening.scan, body.q, rules=rules.screening, registration=rules.patients
    )
    return as_json(GoAnswer(location=f"/screening?row={patient_id}"))


@routes.post(
    "/api/screening/{patient_id}/case",
    action=Action.PREPARE_CASE,
    owns=ObjectType.PATIENT,
    body=BeginBody,
    answer=GoAnswer,
)
async def begin(request: web.Request) -> web.Response:
    """Begin a patient's draft."""
    patient_id = path_id(request, "patient_id")
    body = await parse_body(request, BeginBody)
    await in_unit(
        request,
        screening.begin,
        patient_id,
        panel_id=body.panel_id,
        rules=request.app[RULES].cases,
    )
    return as_json(GoAnswer(location=f"/screening?row={patient_id}"))


@routes.post(
    "/api/screening/{patient_id}/take-off",
    action=Action.PREPARE_CASE,
    owns=ObjectType.PATIENT,
    body=NothingBody,
    answer=GoAnswer,
)
async def take_off(request: web.Request) -> web.Response:
    """Take a patient off today's list."""
    await parse_body(request, NothingBody)
    await in_unit(request, screening.take_off, path_id(request, "patient_id"))
    return as_json(GoAnswer(location="/screening"))


@routes.get("/screening/sheet", action=Action.PREPARE_CASE)
async def show_sheet(request: web.Request) -> web.Response:
    """Patients and photographs side by side, before several cases are sent."""
    page = await in_read(request, screening_sheet.make_sheet, request.app[RULES])
    return await render(
        request,
        "screening/sheet.html",
        title=N_("All photographs"),
        page=page,
        lines=screening_sheet.lines_of(request, page),
        told=screening_sheet.told_of(request),
    )


@routes.post("/api/screening/submit", action=Action.SUBMIT_CASE, body=SubmitBody, answer=GoAnswer)
async def submit(request: web.Request) -> web.Response:
    """Send every chosen case that is as the physician saw it, one that still uploads by itself."""
    body = await parse_body(request, SubmitBody)
    if not body.cases:
        raise RefusedError("sheet-nothing-chosen", field="cases")
    answers, refusals = list[CaseStatus](), list[ConsultError]()
    for each in body.cases:
        case_id, _, version = each.partition(":")
        try:
            case = await in_unit(
                request,
                advance.submit_when_whole,
                case_id=case_id,
                revision=int(version),
                rules=request.app[RULES].cases,
            )
            answers.append(case.status)
        except (RefusedError, ConflictError, NotFoundError) as refusal:
            refusals.append(refusal)
    if refusals and not answers:
        raise refusals[0]
    sent = answers.count(CaseStatus.ASSIGNED)
    told = f"sent={sent}&later={len(answers) - sent}&kept={len(refusals)}"
    return as_json(GoAnswer(location=f"/screening/sheet?{told}"))


async def _show_list(request: web.Request, page: screening_list.ListPage) -> web.Response:
    return await render(request, "screening/list.html", title=N_("List of the day"), page=page)

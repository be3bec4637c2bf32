"""The PDF of a signed version: asked for, handed over byte for byte, each time with an entry.

A PDF is the same for everybody: it has name, number and pictures. So it is made and handed over
only for whoever needs all of these (U28); others read the masked page.
"""

from base64 import b64encode
from http import HTTPStatus

from aiohttp import hdrs, web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.kernel.errors import RefusedError
from consult.reports import service as reports
from consult.reports.codes import code_of
from consult.reports.papers import service as papers
from server.doors import Routes
from server.i18n import LANGUAGES
from server.images.imagestore import read_blob
from server.requests import language, path_id
from server.transactions import in_read, in_unit

routes = Routes("reports")
NEEDED = (Action.SEE_NAME, Action.SEE_IMAGE)


class PaperAnswer(BaseModel):
    """That a PDF is wanted; it is there a moment later."""

    report_id: str
    language: str
    location: str


@routes.post(
    "/api/reports/{report_id}/paper",
    action=Action.SEE_REPORT,
    needs=NEEDED,
    owns=ObjectType.REPORT,
    answer=PaperAnswer,
)
async def ask_paper(request: web.Request) -> web.Response:
    """Have the version put on paper in the reader's language."""
    report_id, tongue = path_id(request, "report_id"), language(request)
    await in_unit(request, papers.ask_paper, report_id=report_id, language=tongue)
    answer = PaperAnswer(report_id=report_id, language=tongue, location=f"/reports/{report_id}")
    return web.json_response(answer.model_dump(), status=HTTPStatus.ACCEPTED)


@routes.get(
    "/reports/{report_id}/paper.pdf",
    action=Action.SEE_REPORT,
    needs=NEEDED,
    owns=ObjectType.REPORT,
    takes_out=True,
)
async def download(request: web.Request) -> web.Response:
    """The PDF as it was sealed; the journal says who has it now."""
    report_id = path_id(request, "report_id")
    tongue = request.query.get("lang", language(request))
    if tongue not in LANGUAGES:
        raise RefusedError("field-not-a-choice", field="lang")
    paper = await in_unit(request, papers.open_paper, report_id=report_id, language=tongue)
    report = await in_read(request, reports.get_report, report_id)
    if paper.blob is None:
        raise web.HTTPNotFound
    body = await read_blob(request.app, paper.blob)
    name = f"report-{code_of(report.sha256)}-{tongue}.pdf"
    headers = {
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        hdrs.CACHE_CONTROL: "no-store",
        "Repr-Digest": f"sha-256=:{_base64(paper.blob.sha256)}:",
    }
    return web.Response(body=body, content_type="application/pdf", headers=headers)


def _base64(sha256: str) -> str:
    """The hash as RFC 9530 writes it."""
    return b64encode(bytes.fromhex(sha256)).decode()

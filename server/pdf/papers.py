"""The job that puts a signed version on paper: set in the jail, sealed, encrypted, stored once."""

import contextlib
import os
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import structlog
from aiohttp import web

from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.jobs.model import MOST_ATTEMPTS, Job
from consult.journal import service as journal
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports.papers import service as papers
from consult.reports.papers.model import Paper
from consult.reports.seal import Seal
from consult.reports.service import get_report
from consult.studies.model import Part
from imaging.errors import (
    JailCrashedError,
    JailRefusedError,
    JailTimedOutError,
    JailUnavailableError,
    Refusal,
)
from imaging.jail.addresses import ADDRESSES
from server.images.imagestore import close_ledger, in_memory, save_file, wrapped_key_of
from server.intake.spool import memory_files
from server.keys import JAIL, PAGES, PDF_SEAL, SEAL, SETTINGS, TYPEFACE, TYPESETTER
from server.pdf.face import ask_typeface
from server.pdf.qr import make_qr
from server.pdf.seal_words import seal_words
from server.pdf.sealing import SEALER
from server.pdf.seals import SealAwayError
from server.requests import PaperReader
from server.threads import in_thread
from server.transactions import as_system, as_system_read, utc_now
from server.views import report_paper
from server.views.pictures import PREVIEW_PX
from server.views.report_pictures import Shown

log = structlog.get_logger()
_MENDABLE: Final = frozenset({Refusal.NO_GLYPH, Refusal.NO_CHINESE_FONT})
_SEAL_AWAY: Final = "seal-away"
_NOT_MADE: Final = "not-made"
_TEMPLATE: Final = "reports/pdf.html"


@dataclass(frozen=True, slots=True)
class _Draft:
    """Everything that a PDF is set from."""

    paper: Paper
    found: report_paper.Found
    zone: str
    journal_head: str


async def typeset_report(app: web.Application, job: Job) -> None:
    """Make the PDF of one version in one language; a fault that a person must mend is kept."""
    named = {"report_id": str(job.payload["report_id"]), "language": str(job.payload["language"])}
    draft = await as_system_read(app, _gather, seal=app[SEAL], **named)
    if draft is None or draft.paper.blob is not None:
        return
    fault = app[PDF_SEAL].fault_at(utc_now())
    if fault is not None:
        await _refuse(app, draft, fault, app[PDF_SEAL].subject)
        return
    try:
        pdf = await _set(app, draft)
    except JailRefusedError as refusal:
        reason = refusal.reason if refusal.reason in _MENDABLE else _NOT_MADE
        await _refuse(app, draft, reason, str(refusal.facts.get("characters", "")))
    except (JailCrashedError, JailTimedOutError, JailUnavailableError):
        if job.attempts < MOST_ATTEMPTS:
            raise
        await _refuse(app, draft, _NOT_MADE, "")
    else:
        await _seal(app, draft, pdf)
        if not app[TYPEFACE].family:
            await ask_typeface(app)


async def _seal(app: web.Application, draft: _Draft, pdf: bytes) -> None:
    """Nothing is kept of a PDF whose seal was not finished."""
    try:
        sealed = await app[SEALER].sign(pdf)
    except SealAwayError as away:
        log.error("no report can be sealed", code=away.code)  # noqa: TRY400 - its code tells all
        await _refuse(app, draft, _SEAL_AWAY, app[PDF_SEAL].subject)
    else:
        await _keep(app, draft, sealed)


def _gather(work: Work, *, report_id: str, language: str, seal: Seal) -> _Draft | None:
    paper = papers.find_paper(work, report_id=report_id, language=language)
    if paper is None:
        return None
    report = get_report(work, report_id)
    found = report_paper.find(work, report, seal)
    named = [replace(each, src=ADDRESSES[n]) for n, each in enumerate(found.shown)]
    zone = organisations.get_institution(work, report.institution_id).zone
    head = journal.head_on_paper(work.session)
    return _Draft(paper, replace(found, shown=named), zone, head)


async def _set(app: web.Application, draft: _Draft) -> bytes:
    async with contextlib.AsyncExitStack() as held:
        opened = [(each, await _open_picture(app, each, held)) for each in draft.found.shown]
        there = [(each, picture) for each, picture in opened if picture is not None]
        nothing, document, made = held.enter_context(memory_files(3))
        html = await in_thread(_html, app, _with_pictures(draft, [each for each, _ in there]))
        await in_thread(_write, document, html.encode())
        by_address = {each.src: picture for each, picture in there}
        given = [by_address.get(address, nothing) for address in ADDRESSES]
        await app[TYPESETTER].run("typeset", {}, inputs=[document, *given], outputs=[made])
        return os.pread(made, os.fstat(made).st_size, 0)


async def _open_picture(
    app: web.Application, shown: Shown, held: contextlib.AsyncExitStack
) -> int | None:
    """A frame in memory, small; a picture whose bytes are gone is left out."""
    blobs, is_first = shown.instance.blobs, shown.frame == 1
    blob = blobs[Part.PREVIEW] if is_first and Part.PREVIEW in blobs else blobs[Part.ORIGINAL]
    try:
        plain = await held.enter_async_context(in_memory(app, blob))
    except (BlobMissingError, BlobDamagedError):
        log.warning("picture left out", object_id=blob.key)
        return None
    if blob is blobs.get(Part.PREVIEW):
        return plain
    (drawn,) = held.enter_context(memory_files(1))
    wish = {"frame": shown.frame, "max_width": PREVIEW_PX, "max_height": PREVIEW_PX}
    await app[JAIL].run("render", wish, inputs=[plain], outputs=[drawn])
    return drawn


def _with_pictures(draft: _Draft, there: Collection[Shown]) -> _Draft:
    kept = [each for each in draft.found.shown if each in there]
    return replace(draft, found=replace(draft.found, shown=kept))


def _html(app: web.Application, draft: _Draft) -> str:
    reader = PaperReader(app, draft.paper.language, draft.zone)
    page = report_paper.of_report(reader, draft.found)
    public_url = app[SETTINGS].public_url
    verify_url = f"{public_url}/verify" if public_url else ""
    return app[PAGES].document(
        reader,
        _TEMPLATE,
        page=page,
        journal_head=draft.journal_head,
        seal=seal_words(reader),
        verify_url=verify_url,
        qr=make_qr(f"{verify_url}/{page.short_code}") if verify_url else None,
    )


async def _keep(app: web.Application, draft: _Draft, pdf: bytes) -> None:
    report = draft.found.report
    wrapped_key = await wrapped_key_of(app, report.institution_id)
    ledger = f"paper-{report.id}-{draft.paper.language}"
    with memory_files(1) as (whole,):
        await in_thread(_write, whole, pdf)
        blob = await save_file(
            app,
            whole,
            institution_id=report.institution_id,
            wrapped_key=wrapped_key,
            ledger=ledger,
        )
    await as_system(
        app,
        papers.keep_paper,
        paper=draft.paper,
        blob=blob,
        signed_by=app[PDF_SEAL].fingerprint,
    )
    await close_ledger(app, ledger)


async def _refuse(app: web.Application, draft: _Draft, reason: str, detail: str) -> None:
    await as_system(app, papers.refuse_paper, paper=draft.paper, failure=reason, detail=detail)


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]

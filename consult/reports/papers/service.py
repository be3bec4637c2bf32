"""Papers: wanted in the unit of the signature, made by a job, handed over with an entry.

What is handed over is byte for byte what was made: a mark of who fetched it would break the
signature over it, so the journal alone says that.
"""

import dataclasses
from collections.abc import Collection

from consult.access.model import ObjectType
from consult.blobs.store import BlobRef
from consult.jobs import service as jobs
from consult.kernel.work import Entry, Work
from consult.reports.objects.model import OBJECTS_JOB
from consult.reports.papers import store
from consult.reports.papers.errors import PaperBeingMadeError, PaperRefusedError
from consult.reports.papers.model import MAIN_LANGUAGE, Paper
from consult.reports.service import get_report
from consult.reports.versions import Report

PAPER_JOB = "typeset_report"


def want_paper(work: Work, report: Report, *, language: str = MAIN_LANGUAGE) -> None:
    """Have a version put on paper after the commit, unless it is wanted already."""
    if store.add_wanted(work.session, report.id, language, now=work.now):
        jobs.queue_job(work, PAPER_JOB, {"report_id": report.id, "language": language})


def ask_paper(work: Work, *, report_id: str, language: str) -> None:
    """Somebody wants to have it: made when it never was, tried again where it was refused."""
    report = get_report(work, report_id)
    known = store.find_paper(work.session, report.id, language)
    if known is None:
        want_paper(work, report, language=language)
    elif known.blob is None and known.is_refused:
        again = dataclasses.replace(known, failure="", detail="")
        store.save_refused(work.session, again)
        jobs.queue_job(work, PAPER_JOB, {"report_id": report.id, "language": language})


def find_paper(work: Work, *, report_id: str, language: str) -> Paper | None:
    """The paper of a version that the actor may see, made or not."""
    return store.find_paper(work.session, get_report(work, report_id).id, language)


def list_papers(work: Work, report: Report) -> list[Paper]:
    """Every paper of a version."""
    return store.list_papers(work.session, report.id)


def open_paper(work: Work, *, report_id: str, language: str) -> Paper:
    """Hand a paper over; the journal says to whom, and the hash of what.

    Raises PaperBeingMadeError, PaperRefusedError.
    """
    report = get_report(work, report_id)
    paper = store.find_paper(work.session, report.id, language)
    if paper is None or (paper.blob is None and not paper.is_refused):
        raise PaperBeingMadeError
    if paper.blob is None:
        raise PaperRefusedError(paper.failure, paper.detail)
    _journal(work, report, paper, "report.downloaded", sha256=paper.blob.sha256)
    return paper


def keep_paper(work: Work, *, paper: Paper, blob: BlobRef, signed_by: str) -> bool:
    """Write where the PDF lies; False when another was there first."""
    report = get_report(work, paper.report_id)
    made = dataclasses.replace(paper, made_at=work.now)
    if not store.save_made(work.session, made, blob, signed_by=signed_by):
        return False
    _journal(work, report, paper, "report.paper_made", sha256=blob.sha256, signed_by=signed_by)
    _want_objects(work, paper)
    return True


def refuse_paper(work: Work, *, paper: Paper, failure: str, detail: str) -> None:
    """Write why it cannot be made here."""
    report = get_report(work, paper.report_id)
    refused = dataclasses.replace(paper, failure=failure, detail=detail)
    if store.save_refused(work.session, refused):
        _journal(work, report, paper, "report.paper_refused", failure=failure)
        _want_objects(work, paper)


def named_keys(work: Work, keys: Collection[str]) -> frozenset[str]:
    """Which of these blobs are papers."""
    return store.named_keys(work.session, keys)


def _want_objects(work: Work, paper: Paper) -> None:
    """Marks and grades go into the studies with the paper, and without one that cannot be made."""
    if paper.language == MAIN_LANGUAGE:
        jobs.queue_job(work, OBJECTS_JOB, {"report_id": paper.report_id})


def _journal(work: Work, report: Report, paper: Paper, kind: str, **codes: str) -> None:
    work.journal(
        Entry(
            kind,
            ObjectType.REPORT,
            report.id,
            codes={"version": report.version, "language": paper.language, **codes},
            case_id=report.case_id,
            patient_id=report.patient_id,
        )
    )

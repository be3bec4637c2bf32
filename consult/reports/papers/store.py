"""The only SQL of papers."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.kernel.ids import ReportId
from consult.reports.papers.model import Paper
from consult.reports.papers.tables import PaperRow


def add_wanted(session: Session, report_id: str, language: str, *, now: datetime) -> bool:
    """Write that a paper is wanted; False when it was wanted before."""
    row = PaperRow(
        report_id=report_id,
        language=language,
        wanted_at=now,
        failure="",
        detail="",
        signed_by="",
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def find_paper(session: Session, report_id: str, language: str) -> Paper | None:
    """The paper in this language, made or not."""
    row = session.get(PaperRow, (report_id, language), populate_existing=True)
    return None if row is None else _paper(row)


def list_papers(session: Session, report_id: str) -> list[Paper]:
    """The papers of a version, by language."""
    statement = select(PaperRow).where(PaperRow.report_id == report_id)
    return [_paper(row) for row in session.scalars(statement.order_by(PaperRow.language).limit(9))]


def save_made(session: Session, paper: Paper, blob: BlobRef, *, signed_by: str) -> bool:
    """Write where the PDF lies; False when one was made already, which stays."""
    return _save(
        session,
        paper,
        made_at=paper.made_at,
        failure="",
        detail="",
        signed_by=signed_by,
        key=blob.key,
        size_bytes=blob.size_bytes,
        sha256=blob.sha256,
        wrapped_key=blob.wrapped_key,
    )


def save_refused(session: Session, paper: Paper) -> bool:
    """Write why there is none, or that it is tried again."""
    return _save(session, paper, failure=paper.failure, detail=paper.detail)


def named_keys(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Which of these blobs are papers."""
    found = session.scalars(select(PaperRow.key).where(PaperRow.key.in_(sorted(keys))))
    return frozenset(key for key in found if key is not None)


def _save(session: Session, paper: Paper, **values: object) -> bool:
    statement = (
        update(PaperRow)
        .where(
            PaperRow.report_id == paper.report_id,
            PaperRow.language == paper.language,
            PaperRow.key.is_(None),
        )
        .values(**values)
        .returning(PaperRow.report_id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _paper(row: PaperRow) -> Paper:
    blob = None
    if row.key is not None:
        blob = BlobRef(row.key, row.size_bytes or 0, row.sha256 or "", row.wrapped_key or b"")
    return Paper(
        report_id=ReportId(row.report_id),
        language=row.language,
        wanted_at=row.wanted_at,
        made_at=row.made_at,
        failure=row.failure,
        detail=row.detail,
        signed_by=row.signed_by,
        blob=blob,
    )

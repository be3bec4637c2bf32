"""Every stored PDF as the rows tell of it, for whoever checks that the bytes are still those."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.blobs.store import BlobRef
from consult.db.stored import stored_rows
from consult.kernel.faults import Fault
from consult.reports.papers.tables import PaperRow


def count_papers(session: Session) -> int:
    """How many PDFs were made, for whoever waits."""
    made = select(func.count()).select_from(PaperRow).where(PaperRow.key.is_not(None))
    return session.scalar(made) or 0


def named_papers(session: Session) -> Iterator[BlobRef | Fault]:
    """The bytes of every PDF that was made, and every row that cannot be read."""
    for row in stored_rows(session, PaperRow, by="report_id", where=PaperRow.key.is_not(None)):
        values = row.values
        if row.unreadable:
            yield Fault("image-unreadable", str(values["report_id"]))
        else:
            yield BlobRef(
                values["key"], values["size_bytes"], values["sha256"], values["wrapped_key"]
            )


def papers_after(session: Session, key: str, *, limit: int) -> list[tuple[BlobRef, str, str, str]]:
    """The next PDFs behind a key: kind, id and language of each."""
    statement = select(PaperRow).where(PaperRow.key > key).order_by(PaperRow.key).limit(limit)
    return [
        (
            BlobRef(row.key or "", row.size_bytes or 0, row.sha256 or "", row.wrapped_key or b""),
            "report",
            row.report_id,
            row.language,
        )
        for row in session.scalars(statement)
    ]


def is_paper_named(session: Session, key: str) -> bool:
    """Whether the row is there yet."""
    return session.scalar(select(PaperRow.key).where(PaperRow.key == key)) is not None

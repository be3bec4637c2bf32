"""Links for telephones, what is on its way by them, photographed consents, and those still due."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.cases.papers.model import PaperKind
from consult.db.base import Base, Code


class PaperLinkRow(Base):
    """One link; `token_hash` is what its code says, `session_hash` the telephone that used it."""

    __tablename__ = "paper_links"
    __table_args__ = (
        Index("ix_paper_links_token", "token_hash", unique=True),
        Index("ix_paper_links_session", "session_hash", unique=True),
        Index("ix_paper_links_case", "case_id", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    institution_id: Mapped[str] = mapped_column(String(32))
    made_by: Mapped[str] = mapped_column(String(32))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    token_hash: Mapped[str] = mapped_column(String(64))
    session_hash: Mapped[str | None] = mapped_column(String(64))
    used_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    taken: Mapped[int] = mapped_column(Integer)


class SentPaperRow(Base):
    """One photograph of a paper, by its upload."""

    __tablename__ = "sent_papers"
    __table_args__ = (
        Index("ix_sent_papers_link", "link_id", "upload_id"),
        Index("ix_sent_papers_case", "case_id", "sent_at", "upload_id"),
    )

    upload_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[PaperKind] = mapped_column(Code(PaperKind))
    link_id: Mapped[str | None] = mapped_column(String(32))
    sent_at: Mapped[datetime]


class CasePaperRow(Base):
    """One photographed consent of a case."""

    __tablename__ = "case_papers"
    __table_args__ = (Index("ix_case_papers_case", "case_id", "instance_id", unique=True),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    patient_id: Mapped[str] = mapped_column(String(32))
    instance_id: Mapped[str] = mapped_column(String(32))
    consent_id: Mapped[str | None] = mapped_column(String(32))
    link_id: Mapped[str | None] = mapped_column(String(32))
    added_by: Mapped[str] = mapped_column(String(32))
    added_at: Mapped[datetime]


class AwaitedPaperRow(Base):
    """One consent on paper; `paper_id` is empty until its photograph is there."""

    __tablename__ = "awaited_papers"
    __table_args__ = (
        Index("ix_awaited_papers_due", "institution_id", "paper_id", "due_on", "consent_id"),
        Index("ix_awaited_papers_patient", "patient_id"),
    )

    consent_id: Mapped[str] = mapped_column(ForeignKey("consents.id"), primary_key=True)
    institution_id: Mapped[str] = mapped_column(String(32))
    patient_id: Mapped[str] = mapped_column(String(32))
    case_id: Mapped[str | None] = mapped_column(String(32))
    due_on: Mapped[date]
    paper_id: Mapped[str | None] = mapped_column(String(32))

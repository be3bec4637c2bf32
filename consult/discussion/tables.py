"""Messages, whom they name, how far each reader has read, and what is being written."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code, Json
from consult.discussion.model import MessageKind


class DiscussionRow(Base):
    """How many messages a case has; whoever sends one locks this row first."""

    __tablename__ = "discussions"

    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"), primary_key=True)
    messages: Mapped[int] = mapped_column(Integer)


class MessageRow(Base):
    """One message; nothing in it ever changes, and a trigger refuses it."""

    __tablename__ = "discussion_messages"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        UniqueConstraint("author_id", "key"),
        UniqueConstraint("amends_id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32), ForeignKey("cases.id"))
    number: Mapped[int] = mapped_column(Integer)
    thread_id: Mapped[str] = mapped_column(String(32))
    first_id: Mapped[str] = mapped_column(String(32))
    amends_id: Mapped[str | None] = mapped_column(String(32))
    kind: Mapped[MessageKind] = mapped_column(Code(MessageKind))
    author_id: Mapped[str] = mapped_column(String(32))
    institution_id: Mapped[str] = mapped_column(String(32))
    key: Mapped[str] = mapped_column(String(32))
    sent_at: Mapped[datetime]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[str] = mapped_column(String(64))


class MentionRow(Base):
    """Somebody whom a message names."""

    __tablename__ = "discussion_mentions"

    person_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    case_id: Mapped[str] = mapped_column(String(32))
    number: Mapped[int] = mapped_column(Integer)


class ReadRow(Base):
    """Up to which message one reader has read a case's discussion."""

    __tablename__ = "discussion_reads"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    reader_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    read_at: Mapped[datetime]


class MessageDraftRow(Base):
    """What one person has written and not sent yet."""

    __tablename__ = "discussion_drafts"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    author_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    content: Mapped[dict[str, object]] = mapped_column(Json)
    saved_at: Mapped[datetime]

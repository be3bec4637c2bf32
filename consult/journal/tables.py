"""The journal's two tables: the chained entry, and its words, which can be erased."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Json

Serial = BigInteger().with_variant(Integer, "sqlite")


class EntryRow(Base):
    """One line of the journal; position and hash are given just after it is written."""

    __tablename__ = "journal_entries"
    __table_args__ = (
        Index("ix_journal_entries_object", "object_type", "object_id", "position"),
        *(
            Index(
                f"ix_journal_entries_{name}",
                f"{name}_id",
                "position",
                sqlite_where=text(f"{name}_id IS NOT NULL"),
                postgresql_where=text(f"{name}_id IS NOT NULL"),
            )
            for name in ("case", "patient")  # an archive's lines are mostly about neither
        ),
    )

    serial: Mapped[int] = mapped_column(Serial, primary_key=True, autoincrement=True)
    position: Mapped[int | None] = mapped_column(Serial, unique=True)
    hash: Mapped[str | None] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str] = mapped_column(String(64))
    case_id: Mapped[str | None] = mapped_column(String(32))
    patient_id: Mapped[str | None] = mapped_column(String(32))
    practitioner_id: Mapped[str | None] = mapped_column(String(32))
    institution_id: Mapped[str | None] = mapped_column(String(32))
    session_id: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(60))
    codes: Mapped[dict[str, str | int | None]] = mapped_column(Json)
    words_hash: Mapped[str | None] = mapped_column(String(64))


class DetailRow(Base):
    """The words of an entry and the salt of their hash."""

    __tablename__ = "journal_detail"

    serial: Mapped[int] = mapped_column(
        Serial, ForeignKey("journal_entries.serial"), primary_key=True, autoincrement=False
    )
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    words: Mapped[dict[str, str] | None] = mapped_column(Json)

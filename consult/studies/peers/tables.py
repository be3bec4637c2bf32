"""The allow-list of the DICOM network."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.studies.peers.model import Charset


class PeerRow(Base):
    """A peer; its title names it in the whole installation, so it tells the institution."""

    __tablename__ = "dicom_peers"
    __table_args__ = (UniqueConstraint("title"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    institution_id: Mapped[str] = mapped_column(ForeignKey("institutions.id"))
    title: Mapped[str] = mapped_column(String(16))
    network: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(253))
    port: Mapped[int | None]
    may_store: Mapped[bool]
    may_query: Mapped[bool]
    charset: Mapped[Charset] = mapped_column(Code(Charset))
    over_tls: Mapped[bool]
    certificate: Mapped[str] = mapped_column(String(253))
    added_at: Mapped[datetime]

"""What counts ask of a case's report, without opening its content."""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base, Code
from consult.reports.model import ReferralNeed


class CaseFigureRow(Base):
    """When a case was answered first and by whom, and what its newest version says.

    `took_s` are whole seconds from the submission to the first signature; a retracted version says
    nothing, so `need` is empty then and no eye is rated.
    """

    __tablename__ = "case_figures"

    case_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    answered_at: Mapped[datetime]
    took_s: Mapped[int] = mapped_column(Integer)
    reader_id: Mapped[str] = mapped_column(String(32))
    version: Mapped[int] = mapped_column(Integer)
    need: Mapped[ReferralNeed | None] = mapped_column(Code(ReferralNeed))
    eyes_rated: Mapped[int] = mapped_column(Integer)
    eyes_ungradable: Mapped[int] = mapped_column(Integer)

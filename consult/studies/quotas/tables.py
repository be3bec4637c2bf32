"""What each institution's images take, counted in the unit of each change."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from consult.db.base import Base


class UsageRow(Base):
    """One institution's count and bounds."""

    __tablename__ = "storage_usage"

    institution_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    instances: Mapped[int] = mapped_column(BigInteger)
    most_bytes: Mapped[int | None] = mapped_column(BigInteger)
    most_instances: Mapped[int | None] = mapped_column(BigInteger)

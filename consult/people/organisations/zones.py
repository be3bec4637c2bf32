"""Zones of institutions: each is read once from the system's tables, and kept."""

from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from consult.db.reading import require_thread

_READ: Final[dict[str, ZoneInfo]] = {}


def keep_zone(session: Session, zone: str) -> None:
    """From now on the zone costs no file; raises UnknownError where none may be read now."""
    if zone not in _READ:
        require_thread(session)
        _READ[zone] = ZoneInfo(zone)

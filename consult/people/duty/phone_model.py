"""A duty telephone: who answers it, and when."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from consult.kernel.ids import InstitutionId

DAY: Final = (time(8), time(18))
"""From when until when it is day where the institution is."""


class DutySpan(enum.StrEnum):
    """When somebody answers a duty telephone."""

    ALWAYS = "always"
    DAY = "day"
    NIGHT = "night"


@dataclass(frozen=True, slots=True)
class DutyPhone:
    """One number, who answers it, and when."""

    id: str
    institution_id: InstitutionId
    who: str
    phone: str
    span: DutySpan


def is_day(at: datetime, *, zone: str) -> bool:
    """Whether it is day where the institution is."""
    begins, ends = DAY
    return begins <= at.astimezone(ZoneInfo(zone)).time() < ends


def in_order(found: Sequence[DutyPhone], *, by_day: bool) -> list[DutyPhone]:
    """Who is to be called now: those of these hours first, then who answers at any hour."""
    now = DutySpan.DAY if by_day else DutySpan.NIGHT
    return [
        *(each for each in found if each.span is now),
        *(each for each in found if each.span is DutySpan.ALWAYS),
    ]

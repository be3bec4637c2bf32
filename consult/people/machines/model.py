"""A machine that works for an institution: another archive, a camera's computer, an agent."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from consult.kernel.ids import InstitutionId

SEEN_EVERY: Final = timedelta(minutes=5)


class Right(enum.StrEnum):
    """What a machine's token opens; everything else is shut to it."""

    STORE_IMAGES = "images.store"
    SEARCH_IMAGES = "images.search"
    READ_IMAGES = "images.read"


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine, and when its token was last used."""

    id: str
    institution_id: InstitutionId
    name: str
    rights: frozenset[Right]
    added_at: datetime
    expires_at: datetime | None
    seen_at: datetime | None
    revoked_at: datetime | None

    def is_let_in(self, now: datetime) -> bool:
        """Whether its token opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)

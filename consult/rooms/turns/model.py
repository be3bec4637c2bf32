"""A turn to speak: from a raised hand to the end of the word that was given for it (VID-06)."""

import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consult.kernel.ids import InstitutionId
from consult.rooms.model import Stay

MOST_TURNS: Final = 500


class TurnEnd(enum.StrEnum):
    """How a turn ended."""

    LOWERED = "lowered"
    GIVEN_BACK = "given_back"
    TAKEN_BACK = "taken_back"
    PASSED_ON = "passed_on"
    ABSENT = "absent"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Turn:
    """One person's turn; without `given_at` she waits, without `ended_at` it lasts."""

    id: str
    room_id: str
    person_id: str
    institution_id: InstitutionId
    raised_at: datetime
    given_at: datetime | None
    ended_at: datetime | None
    how: TurnEnd | None

    @property
    def is_speaking(self) -> bool:
        """Whether she has the word now."""
        return self.given_at is not None and self.ended_at is None


def in_order(turns: Iterable[Turn]) -> list[Turn]:
    """The turns that last: who has the word, then the hands as they were raised."""
    lasting = [each for each in turns if each.ended_at is None]
    return sorted(lasting, key=lambda each: (not each.is_speaking, each.raised_at, each.id))


def gone_since(turn: Turn, stays: Sequence[Stay]) -> datetime | None:
    """Since when the person of a turn has no device in the room; None while she has one."""
    own = [each.left_at for each in stays if each.person_id == turn.person_id]
    if None in own:
        return None
    return max([turn.raised_at, *(each for each in own if each is not None)])

"""A slot (号源): free, held for a patient, booked, or stopped; and how its clinic is booked."""

import enum
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import ConflictError
from consult.kernel.ids import SlotId


class BookingMode(enum.StrEnum):
    """How a clinic is booked (U22): from our pool, or by its desk in the hospital's own system."""

    DIRECT = "direct"
    REQUEST = "request"


class Half(enum.StrEnum):
    """Half of a day, parted at noon where the hospital is."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class SlotStatus(enum.StrEnum):
    """Whether a slot can be had."""

    FREE = "free"
    HELD = "held"
    BOOKED = "booked"
    STOPPED = "stopped"


NEXT_SLOT_STATUS: Final[Mapping[SlotStatus, frozenset[SlotStatus]]] = MappingProxyType(
    {
        SlotStatus.FREE: frozenset({SlotStatus.HELD, SlotStatus.STOPPED}),
        # A hold ends by its confirmation, by giving back, by its time, or with its clinic.
        SlotStatus.HELD: frozenset({SlotStatus.BOOKED, SlotStatus.FREE, SlotStatus.STOPPED}),
        # A cancelled appointment gives its slot back; a stopped clinic takes it away.
        SlotStatus.BOOKED: frozenset({SlotStatus.FREE, SlotStatus.STOPPED}),
        SlotStatus.STOPPED: frozenset({SlotStatus.FREE}),
    }
)


class SlotStepNotAllowedError(ConflictError):
    """Somebody else has the slot, or its hold has ended."""

    def __init__(self, slot_id: SlotId, have: SlotStatus, want: SlotStatus) -> None:
        super().__init__("slot-step-not-allowed", slot_id=slot_id, have=have, want=want)
        self.slot_id, self.have, self.want = slot_id, have, want


def require_slot_step(slot_id: SlotId, *, have: SlotStatus, want: SlotStatus) -> None:
    """Raise SlotStepNotAllowedError unless the table has this step."""
    if want not in NEXT_SLOT_STATUS[have]:
        raise SlotStepNotAllowedError(slot_id, have, want)


def is_hold_over(held_until: datetime | None, *, now: datetime) -> bool:
    """Whether a held slot is free again for everybody."""
    return held_until is None or now >= held_until

"""A camera's picture on its way in, and what its computer is told of it."""

import enum
from dataclasses import dataclass, field
from datetime import datetime

from consult.kernel.ids import InstitutionId


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """What a machine says of a file before it sends it, in the server's own time."""

    spool_id: str
    size_bytes: int
    file_name: str = field(repr=False)
    modified_at: datetime | None
    seen_at: datetime
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """An upload of a machine: when the file was first seen there, and when it was last written."""

    upload_id: str
    institution_id: InstitutionId
    machine_id: str
    spool_id: str
    seen_at: datetime
    written_at: datetime | None


@dataclass(frozen=True, slots=True)
class WaitingPicture:
    """A picture that nobody has said to be a patient's."""

    delivery: Delivery
    file_name: str = field(repr=False)
    has_picture: bool


class Fate(enum.StrEnum):
    """What the sender is told: only of what is kept may it forget its own copy."""

    KEPT = "kept"
    REFUSED = "refused"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one upload, for the machine that sent it."""

    upload_id: str
    fate: Fate
    code: str = ""

"""What a check of the stored records found: which kind of fault, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written; `place` is a position, an id or a key."""

    kind: str
    place: str

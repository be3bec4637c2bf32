"""What one check of `lianzhen doctor` saw."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, whether it is good news, and what it names."""

    is_well: bool
    message: str
    names: str = ""

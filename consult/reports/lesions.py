"""What a reader has said of the lesions of one eye: present, absent, or nothing at all.

What nobody has said is not absent (未判 is not 未见): it stays apart everywhere.
"""

import enum
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

MOST_LESIONS: Final = 64
CODE: Final = re.compile(r"[a-z0-9_]{1,40}")


class Said(enum.StrEnum):
    """What was said of one lesion."""

    PRESENT = "present"
    ABSENT = "absent"


class Quadrant(enum.StrEnum):
    """The four quadrants of the retina, as 4-2-1 counts them."""

    SUPEROTEMPORAL = "superotemporal"
    SUPERONASAL = "superonasal"
    INFEROTEMPORAL = "inferotemporal"
    INFERONASAL = "inferonasal"


@dataclass(frozen=True, slots=True)
class Lesion:
    """One lesion of one eye, with the quadrants in which it is as the rule counts it."""

    said: Said
    quadrants: tuple[Quadrant, ...] = ()

    @property
    def is_present(self) -> bool:
        """Whether the reader saw it."""
        return self.said is Said.PRESENT

    def as_json(self) -> dict[str, object]:
        """The lesion as it is kept."""
        return {"said": self.said.value, "quadrants": [each.value for each in self.quadrants]}


Lesions = Mapping[str, Lesion]
NOTHING_SAID: Final[Lesions] = MappingProxyType({})


def present_in(lesions: Lesions) -> Iterator[str]:
    """The codes of what was seen."""
    return (code for code, lesion in lesions.items() if lesion.is_present)


def absent_in(lesions: Lesions) -> Iterator[str]:
    """The codes of what was looked for and not seen."""
    return (code for code, lesion in lesions.items() if not lesion.is_present)

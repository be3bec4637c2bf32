"""Who opened a case, its report or its pictures, and for which institution."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consult.journal.model import Line

VIEWED: Final = "study.viewed"
"""Pictures were shown: told of the study, since a picture may stand in several cases."""
_READ: Final = frozenset({"case.opened", "report.opened", "image.seen", VIEWED})


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who opened the case, its report or its pictures; `views` are those of pictures."""

    person_id: str
    institution_id: str
    first_at: datetime
    last_at: datetime
    times: int
    views: int


def readers_of(lines: Sequence[Line]) -> list[Reader]:
    """Who opened it for which institution, the first reader first."""
    found: dict[tuple[str, str], list[Line]] = {}
    for line in sorted(lines, key=lambda each: each.position):
        if line.kind in _READ and line.practitioner_id and line.institution_id:
            found.setdefault((line.practitioner_id, line.institution_id), []).append(line)
    return [
        Reader(
            *who,
            first_at=read[0].at,
            last_at=read[-1].at,
            times=len(read),
            views=sum(line.kind == VIEWED for line in read),
        )
        for who, read in found.items()
    ]

"""Who searched stored images, and how much was told: no word of what was searched for."""

from dataclasses import dataclass

from consult.access.model import ObjectType
from consult.kernel.work import Entry, Work


@dataclass(frozen=True, slots=True)
class Searched:
    """Searches of one kind in a few seconds: by which way, at which level, and the matches told."""

    way: str
    level: str
    searches: int
    found: int


def record_search(work: Work, searched: Searched) -> None:
    """Write down that the institution's images were searched."""
    work.journal(
        Entry(
            "images.searched",
            ObjectType.INSTITUTION,
            work.actor.institution,
            codes={
                "way": searched.way,
                "level": searched.level,
                "searches": searched.searches,
                "found": searched.found,
            },
        )
    )

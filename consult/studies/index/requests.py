"""Request Attributes as keys (PS3.18 table 10.6.1-5), matched in what a series tells, sealed."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.studies.index.search_store import Wanted, list_told
from consult.studies.index.service import SERIES_PURPOSE
from imaging.index import REQUESTED, SERIES

MOST_LOOKED_THROUGH: Final = 20_000
"""So many series are opened for one question; whoever asks for more says when, or whose."""
_MOST_SERIES: Final = 2000
_SEQUENCE: Final = SERIES["RequestAttributesSequence"]

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Requested:
    """What one item of the sequence is to say: a tag and what its value is to look like."""

    patterns: Sequence[tuple[str, re.Pattern[str]]] = field(repr=False)

    def fits(self, told: dict[str, Any]) -> bool:
        """Whether one item says all of it (PS3.4 C.2.2.2.6)."""
        items = told.get(_SEQUENCE, {}).get("Value", [])
        return any(isinstance(item, dict) and self._fits_item(item) for item in items)

    def _fits_item(self, item: dict[str, Any]) -> bool:
        return all(
            any(pattern.fullmatch(str(value)) for value in item.get(tag, {}).get("Value", []))
            for tag, pattern in self.patterns
        )


def requested_in(keys: Sequence[Key]) -> Requested | None:
    """What the keys ask of the sequence; None where they ask nothing (universal matching)."""
    patterns = [
        (REQUESTED[keyword], _pattern(value)) for keyword, value in keys if keyword in REQUESTED
    ]
    patterns = [each for each in patterns if each[1].pattern]
    return Requested(patterns) if patterns else None


def find_series(work: Work, requested: Requested, wanted: Wanted) -> list[str]:
    """The series among these that were requested so, the newest studies' first.

    Raises RefusedError: the other keys leave too many to look through.
    """
    found: list[str] = []
    for number, (series_id, sealed) in enumerate(list_told(work.session, wanted)):
        if number >= MOST_LOOKED_THROUGH or len(found) >= _MOST_SERIES:
            raise RefusedError("search-too-wide", field="RequestAttributesSequence")
        if requested.fits(json.loads(work.vault.open(sealed, purpose=SERIES_PURPOSE))):
            found.append(series_id)
    return found


def _pattern(value: str) -> re.Pattern[str]:
    """`*` and `?` stand for letters (PS3.4 C.2.2.2.4); what was found of it is not sought again.

    So no question takes longer than its length times that of what it is held against.
    """
    first, *more = (re.escape(part).replace(r"\?", ".") for part in value.split("*"))
    middle = "".join(f"(?>.*?{part})" for part in more[:-1] if part)
    last = f".*{more[-1]}" if more else ""
    return re.compile(first + middle + last, re.DOTALL)

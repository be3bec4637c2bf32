"""A signed reading that is held back for a second reader or for a reviewer (Q-10, RPT-03)."""

import enum
from dataclasses import dataclass, field

from consult.reports.versions import Report


class Part(enum.StrEnum):
    """Whose reading it is."""

    FIRST = "first"
    SECOND = "second"
    BEFORE_REVIEW = "before_review"


@dataclass(frozen=True, slots=True)
class Held:
    """A signed reading, kept apart from the reports until the case is answered, and after it."""

    part: Part
    report: Report
    marks: bytes | None = field(repr=False)

"""On what a report was read: the kind of screen, and when its reader last checked it (VW-10).

What a page tells of its screen is taken at its word: it guides whoever reads in good faith, and
is said on the report; it keeps out nobody who wants to deceive.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from consult.cases.model import Case, ServiceType
from consult.kernel.errors import FieldProblem
from consult.kernel.work import Work
from consult.reports.displays import service as displays


class Device(enum.StrEnum):
    """What kind of screen a page stands on."""

    DESK = "desk"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Screen:
    """A reader's screen as her page tells it, and which reports may be signed on a small one."""

    device: Device
    display: str
    small_for: frozenset[ServiceType]


def check_screen(screen: Screen | None, case: Case) -> list[FieldProblem]:
    """Whether a report of this kind may be signed on that screen (U21)."""
    if screen is None or screen.device is not Device.SMALL or case.service_type in screen.small_for:
        return []
    return [FieldProblem("device", "small-screen-not-for-this")]


def screen_as_json(work: Work, screen: Screen | None) -> Mapping[str, object]:
    """What the report says of the screen; nothing where no page told of one."""
    if screen is None:
        return {}
    checked = displays.find_passed(work, display=screen.display)
    return {
        "screen": {
            "device": screen.device.value,
            "display": screen.display,
            "checked_at": None if checked is None else checked.checked_at.isoformat(),
        }
    }

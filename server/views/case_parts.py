"""The parts of a case's page that other subjects make: each adds its line.

A maker runs in the unit of the page, after policy has let the reader see the case; None leaves the
part out. The template of the case includes `cases/_<name>.html`, which finds it in `parts`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from aiohttp import web

from consult.cases.model import Case
from consult.kernel.work import Work
from server.rules.rulebook import Rulebook
from server.views import (
    alerts,
    booking_card,
    calls_card,
    cameras,
    case_images,
    corrections,
    discussion,
    dossier_card,
    exams,
    own_readings,
    panel_duty,
    papers,
    playback,
    report_objects,
    report_parts,
    return_card,
    room_page,
    routing,
    second_readings,
    session_card,
    telling_card,
)

PartMaker = Callable[[Work, Case, Rulebook], object | None]

PARTS: Mapping[str, PartMaker] = MappingProxyType(
    {
        "alert": alerts.make_part,
        "telling": telling_card.make_part,
        "way": return_card.make_part,
        "duty": panel_duty.make_part,
        "routing": routing.make_part,
        "exams": exams.make_part,
        "images": case_images.make_part,
        "cameras": cameras.make_part,
        "report": report_parts.report_part,
        "readings": second_readings.make_part,
        "own": own_readings.make_part,
        "decision": report_parts.decision_part,
        "booking": booking_card.make_card,
        "session": session_card.make_part,
        "corrections": corrections.make_part,
        "talk": discussion.make_part,
        "dossier": dossier_card.make_card,
        "objects": report_objects.make_part,
        "call": room_page.make_part,
        "calls": calls_card.make_part,
        "recordings": playback.make_part,
        "papers": papers.make_part,
    }
)


@runtime_checkable
class Speaking(Protocol):
    """A part that has words of its own for its reader."""

    def said_to(self, request: web.Request) -> object:
        """The part in the reader's words."""
        ...


def show_parts(request: web.Request, parts: Mapping[str, object]) -> Mapping[str, object]:
    """The parts as the template has them; one that this case has not is none."""
    absent: dict[str, object] = dict.fromkeys(PARTS)
    return absent | {
        name: part.said_to(request) if isinstance(part, Speaking) else part
        for name, part in parts.items()
    }


def make_parts(work: Work, case: Case, rules: Rulebook) -> Mapping[str, object]:
    """Every part that this case has for this reader."""
    made = {name: make(work, case, rules) for name, make in PARTS.items()}
    return {name: part for name, part in made.items() if part is not None}

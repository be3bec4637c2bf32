"""How good the lines of video calls were, as supervision's statistics show it."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from pydantic import BaseModel

from consult.dossiers.call_lines import LinesOfMonth, Spread
from consult.people.organisations.model import Institution
from server.i18n import ENGLISH, N_
from server.requests import Audience
from server.views.report_words import Speech

_SITE: Final = N_("Institution")
_MONTH: Final = N_("Month")
_MEASURED: Final = N_("Measurements")
_LOST: Final = N_("Packets lost (%)")
_ROUND_TRIP: Final = N_("There and back (ms)")
_HEIGHT: Final = N_("Height of the picture (px)")
_WORST: Final = N_("worst tenth")


class Counted(Protocol):
    """What of a page of statistics is told here."""

    @property
    def call_lines(self) -> Sequence[LinesOfMonth]:
        """The lines, by site and month."""
        ...

    @property
    def places(self) -> Mapping[str, Institution]:
        """The institutions of which anything is told."""
        ...


class SpreadAnswer(BaseModel):
    """The middle of a number, and that beyond which its worst tenth lies."""

    median: int
    worst: int


class CallLinesAnswer(BaseModel):
    """The lines of a site's people in video calls in one month (YYYY-MM)."""

    institution_id: str
    month: str
    samples: int
    lost_per_mille: SpreadAnswer
    round_trip_ms: SpreadAnswer
    height_px: SpreadAnswer


def call_line_answer(line: LinesOfMonth) -> CallLinesAnswer:
    """One line for a machine."""
    return CallLinesAnswer(
        institution_id=line.institution_id,
        month=f"{line.month_on:%Y-%m}",
        samples=line.samples,
        lost_per_mille=_spread(line.lost_per_mille),
        round_trip_ms=_spread(line.round_trip_ms),
        height_px=_spread(line.height_px),
    )


def _spread(spread: Spread) -> SpreadAnswer:
    return SpreadAnswer(median=spread.median, worst=spread.worst)


def call_heads(reader: Audience) -> list[tuple[str, str]]:
    """The heads of the table of calls' lines."""
    speech = Speech(reader)
    told = [(speech.say(_SITE), ""), (speech.say(_MONTH), ""), (speech.say(_MEASURED), "num")]
    for name in (_LOST, _ROUND_TRIP, _HEIGHT):
        told += [(speech.say(name), "num"), (speech.say(_WORST), "num")]
    return told


def call_lines(reader: Audience, page: Counted) -> list[tuple[str, list[str]]]:
    """Each site and month: how often it was measured, then the middle and the worst tenth."""
    speech = Speech(reader)
    return [
        (
            name_of(speech, page.places[each.institution_id]),
            [
                f"{each.month_on:%Y-%m}",
                str(each.samples),
                *(f"{part / 10:.1f}" for part in _both(each.lost_per_mille)),
                *(str(part) for part in _both(each.round_trip_ms)),
                *(str(part) for part in _both(each.height_px)),
            ],
        )
        for each in page.call_lines
    ]


def _both(spread: Spread) -> tuple[int, int]:
    return spread.median, spread.worst


def name_of(speech: Speech, place: Institution) -> str:
    """An institution in the reader's language."""
    return place.name_en if speech.tongue == ENGLISH and place.name_en else place.name

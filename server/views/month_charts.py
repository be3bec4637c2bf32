"""The charts of the manager's month, as the script that draws them reads them."""

import json
from collections.abc import Sequence

from consult.dossiers.month import Tally
from consult.dossiers.month_rules import Figure
from server.i18n import N_
from server.requests import Audience
from server.views.month import Page
from server.views.month_rows import HOUR_S
from server.views.month_words import HEADS, SPANS
from server.views.report_words import Speech


def day_chart(reader: Audience, page: Page) -> str:
    """The bars of the days for the script that draws them."""
    return bars(
        [str(day.day) for day in page.asked.days],
        page.month.days,
        words=Speech(reader),
    )


def span_chart(reader: Audience, page: Page) -> str:
    """The bars of answering times."""
    speech = Speech(reader)
    labels = [speech.say(words) for words in SPANS]
    name = speech.say(HEADS[Figure.ANSWERED])
    return _chart(labels, [(name, "solid", list(page.month.spans))])


def bars(labels: Sequence[str], tallies: Sequence[Tally], *, words: Speech) -> str:
    """Hatched as high as all cases, and solid before it those that are not overdue."""
    counted = [tally.count(Figure.CASES) for tally in tallies]
    late = [tally.count(Figure.LATE) for tally in tallies]
    return _chart(
        labels,
        [
            (words.say(HEADS[Figure.CASES]), "hatched", counted),
            (
                words.say(N_("of them not overdue")),
                "solid",
                [all_of - some for all_of, some in zip(counted, late, strict=True)],
            ),
        ],
    )


def lines(labels: Sequence[str], tallies: Sequence[Tally], *, words: Speech) -> str:
    """Median as a line and P90 as a dashed one, in hours."""
    return _chart(
        labels,
        [
            (words.say(N_("Median (h)")), "line", [_as_hours(t.took_at(0.5)) for t in tallies]),
            (
                words.say(N_("90% within (h)")),
                "dashed",
                [_as_hours(t.took_at(0.9)) for t in tallies],
            ),
        ],
    )


def _as_hours(seconds: int | None) -> float | None:
    return None if seconds is None else round(seconds / HOUR_S, 2)


def _chart(labels: Sequence[str], series: Sequence[tuple[str, str, Sequence[float | None]]]) -> str:
    told = [{"name": name, "look": look, "values": values} for name, look, values in series]
    return json.dumps({"labels": labels, "series": told}, ensure_ascii=False)

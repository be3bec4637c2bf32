"""What a signed version says in figures, written in the unit of its signature.

Counts of a month are made of ten thousand cases: they ask these rows and open no report.
"""

import json
from dataclasses import dataclass

from consult.cases.model import Case
from consult.kernel.eyes import Eye, EyeStatus
from consult.kernel.work import Work
from consult.reports.figures.tables import CaseFigureRow
from consult.reports.model import SIGNED, Quality, ReferralNeed
from consult.reports.versions import Report


@dataclass(frozen=True, slots=True)
class Said:
    """What one version says: the need for referral, and how many eyes were rated and not read."""

    need: ReferralNeed | None
    eyes_rated: int
    eyes_ungradable: int


def said_in(report: Report) -> Said:
    """The figures of a version; an eye that is absent is not rated, and a retraction says none."""
    if report.status not in SIGNED:
        return Said(None, 0, 0)
    body = json.loads(report.canonical).get("body", {})
    readings = [body.get(eye.value, {}) for eye in Eye]
    there = [each for each in readings if each.get("eye_status") != EyeStatus.ABSENT]
    rated = [each["quality"] for each in there if each.get("quality") is not None]
    need = body.get("referral_need")
    return Said(
        need=None if need is None else ReferralNeed(need),
        eyes_rated=len(rated),
        eyes_ungradable=rated.count(Quality.UNGRADABLE),
    )


def note_figures(work: Work, case: Case, report: Report) -> None:
    """Keep the figures of a version that was signed a moment ago; the first one is the answer."""
    said = said_in(report)
    row = work.session.get(CaseFigureRow, case.id)
    if row is None:
        begun = case.submitted_at or report.signed_at
        row = CaseFigureRow(
            case_id=case.id,
            answered_at=report.signed_at,
            took_s=int((report.signed_at - begun).total_seconds()),
            reader_id=report.author_id,
        )
        work.session.add(row)
    row.version = report.version
    row.need = said.need
    row.eyes_rated, row.eyes_ungradable = said.eyes_rated, said.eyes_ungradable
    work.session.flush()

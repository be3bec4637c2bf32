"""The day's list and its consent forms on paper (U17, U18)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from consult.cases.screening import service as screening
from consult.cases.screening.model import Listed
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from server.pdf.bars import Bars, make_bars
from server.rules.rulebook import Rulebook
from server.views.screening import ROWS, DeskRow, rows_of

_SIGNED = "signed"


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One patient, with the bar code of her record number."""

    row: DeskRow
    bars: Bars


@dataclass(frozen=True, slots=True)
class PaperPage:
    """What is printed, where and when."""

    institution: Institution
    lines: Sequence[PaperLine]
    listed: Sequence[Listed]
    now: datetime
    today: date


def make_list(work: Work, rules: Rulebook) -> PaperPage:
    """Everybody on the list of the day."""
    listed = screening.list_today(work, rules=rules.screening)
    return _paper(work, listed, rows_of(work, listed, rules))


def make_consents(work: Work, rules: Rulebook) -> PaperPage:
    """Who has signed nothing that covers the day, as many as are printed at once."""
    listed = screening.list_today(work, rules=rules.screening)
    rows = [row for row in rows_of(work, listed, rules) if row.consent.code != _SIGNED]
    return _paper(work, listed, rows[:ROWS])


def _paper(work: Work, listed: Sequence[Listed], rows: Sequence[DeskRow]) -> PaperPage:
    shown = {row.patient.id for row in rows}
    place = organisations.get_institution(work, work.actor.institution)
    return PaperPage(
        institution=place,
        lines=[PaperLine(row, make_bars(row.patient.local_number)) for row in rows],
        listed=[each for each in listed if each.patient_id in shown],
        now=work.now,
        today=place.local_day(work.now),
    )

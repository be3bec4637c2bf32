"""The list of another day: its rows as they stand now, and who was left open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consult.cases.screening import service as screening
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from server.rules.rulebook import Rulebook
from server.views.screening import ROWS, DeskRow, rows_of


@dataclass(frozen=True, slots=True)
class DayPage:
    """A page of that day's list; `left` are those who can still be carried over to today."""

    day: date
    today: date
    before: date | None
    rows: Sequence[DeskRow]
    left: int
    number: int
    pages: int


def make_day(work: Work, rules: Rulebook, *, day: date | None, number: int) -> DayPage:
    """One day's list; where none is asked for, the newest before today."""
    today = organisations.today_at(work, work.actor.institution)
    before = screening.find_day_before(work)
    asked = day or before or today
    listed = screening.list_on(work, asked, rules=rules.screening)
    shown = listed[(number - 1) * ROWS : number * ROWS]
    return DayPage(
        day=asked,
        today=today,
        before=before,
        rows=rows_of(work, shown, rules, before=(number - 1) * ROWS),
        left=screening.count_left(work, listed) if asked < today else 0,
        number=number,
        pages=max(1, -(-len(listed) // ROWS)),
    )

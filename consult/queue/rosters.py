"""A panel's roster is changed, and what nobody has taken is offered anew (ID-10)."""

from collections.abc import Sequence

from consult.cases import service as cases
from consult.cases.events import case_entry
from consult.cases.model import CaseStatus
from consult.cases.returns import service as returns
from consult.cases.service import Said
from consult.kernel.errors import Fact
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.duty import keeping
from consult.people.duty import service as duty
from consult.people.duty.keeping import NewDay
from consult.people.duty.model import WeekDuty
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Panel
from consult.queue import absence


def set_week(work: Work, *, panel_id: str, revision: int, week: Sequence[WeekDuty]) -> int:
    """Put this week in the place of the panel's; says how many waiting cases are offered anew."""
    panel = organisations.get_panel(work, panel_id)
    before = duty.offered(work, panel)
    keeping.set_week(work, panel, revision=revision, week=week)
    return reroute(work, panel, before=before)


def add_day(work: Work, *, panel_id: str, new: NewDay) -> int:
    """Enter a day that differs from the week; says how many waiting cases are offered anew."""
    panel = organisations.get_panel(work, panel_id)
    before = duty.offered(work, panel)
    keeping.add_day(work, panel, new=new)
    return reroute(work, panel, before=before)


def end_day(work: Work, *, panel_id: str, day_id: str) -> int:
    """Take such a day back; says how many waiting cases are offered anew."""
    panel = organisations.get_panel(work, panel_id)
    before = duty.offered(work, panel)
    keeping.end_day(work, panel, day_id=day_id)
    return reroute(work, panel, before=before)


def reroute(work: Work, panel: Panel, *, before: Sequence[PractitionerId]) -> int:
    """Offer what nobody has taken to those who are on duty now, and tell those who were not."""
    after = duty.offered(work, panel)
    newly = [each for each in after if each not in before]
    said = Said(codes=_codes(panel, after, newly))
    found = cases.list_before(work, panel_id=panel.id, statuses=absence.UNCLAIMED)
    kept = returns.kept_for(work, found)
    moved = 0
    for case in found:
        if absence.change_owner(work, case, panel, said=said):
            moved += 1
        elif newly and case.status is CaseStatus.ASSIGNED and case.id not in kept:
            work.journal(case_entry(case, absence.REROUTED, codes=said.codes))
            moved += 1
    return moved


def _codes(
    panel: Panel, after: Sequence[PractitionerId], newly: Sequence[PractitionerId]
) -> dict[str, Fact]:
    return {"panel": panel.id, "offered": " ".join(after), "newly": " ".join(newly)}

"""Before a case is sent: who of its panel is there now, and which panel has somebody instead."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Work
from consult.people.duty import service as duty
from consult.people.duty.model import HalfDay
from consult.people.duty.service import Attendance
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Panel, PanelChoice
from server.rules.rulebook import Rulebook

_BEFORE = frozenset({CaseStatus.DRAFT, CaseStatus.RETURNED})
MOST_OTHERS = 3


@dataclass(frozen=True, slots=True)
class PanelDuty:
    """Who is there now; `others` may have the case by agreement and have somebody on duty."""

    attendance: Attendance
    others: Sequence[PanelChoice]

    @property
    def is_empty(self) -> bool:
        """Whether nobody of the panel is on duty now."""
        return not self.attendance.on_duty


def make_part(work: Work, case: Case, rules: Rulebook) -> PanelDuty | None:  # noqa: ARG001 - as every part is made
    """What the clinic's page says beside the panel of a case that was not sent yet."""
    is_own = case.institution_id == work.actor.institution_id
    if case.panel_id is None or case.status not in _BEFORE or not is_own:
        return None
    attendance = duty.attendance_of(work, organisations.panel_in_use(work, case.panel_id))
    return PanelDuty(attendance, () if attendance.on_duty else _others(work, case))


def _others(work: Work, case: Case) -> list[PanelChoice]:
    found = organisations.panel_choices(
        work,
        inviting_id=case.institution_id,
        service_type=case.service_type,
        on=organisations.today_at(work, case.institution_id),
    )
    return [
        choice
        for choice in found
        if choice.panel.id != case.panel_id and duty.attendance_of(work, choice.panel).on_duty
    ][:MOST_OTHERS]


@dataclass(frozen=True, slots=True)
class EmptyPanel:
    """A panel of which nobody is on duty now, when somebody will be, and how many cases ask it."""

    panel: Panel
    next: HalfDay | None
    count: int


def empty_panels(work: Work, waiting: Iterable[Case]) -> list[EmptyPanel]:
    """The panels of these drafts that nobody would answer for now, those of most cases first."""
    asked = Counter(case.panel_id for case in waiting if case.panel_id is not None)
    found = []
    for panel_id, count in asked.most_common():
        panel = organisations.panel_in_use(work, panel_id)
        attendance = duty.attendance_of(work, panel)
        if not attendance.on_duty:
            found.append(EmptyPanel(panel, attendance.next, count))
    return found

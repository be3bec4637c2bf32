"""The table of cases of config/demo.toml becomes cases with patients, pictures and acts."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from consult.cases.model import CaseStatus, Priority, ServiceType
from consult.kernel.rules import RuleTable
from consult.kernel.work import Role
from consult.reports.versions import Choice, NextStep
from server.demo.case_model import (
    CasePlan,
    DecisionPlan,
    Fate,
    OutcomePlan,
    SlotPlan,
)
from server.demo.findings import plan_report
from server.demo.history import plan_history
from server.demo.messages import message_steps, plan_messages
from server.demo.model import ClinicPlan, PatientPlan, PractitionerPlan
from server.demo.patients import PatientMaker
from server.demo.people import people_by_role
from server.demo.photographs import draw_of, images_of
from server.demo.sheets import plan_sheet
from server.demo.steps import Cast, Course, plan_steps, turn_steps
from server.demo.turns import plan_turns

_KEYS = (
    "key", "state", "service", "priority", "institution", "physician", "photographer", "panel",
    "expert", "patient", "hours_ago", "question", "summary", "red_flags", "history", "right",
    "left", "fields", "extra_files", "report", "decision", "booking", "outcome", "reason", "turns",
    "marks", "key_images", "messages",
)  # fmt: skip
_LEAST_AGO = timedelta(minutes=12)
# So that a clinic's cases do not begin at the same minute, and one patient is over before the next.
_SPREAD_MIN, _SPREAD_OVER_MIN = 7, 56
_MORNING, _NIGHT, _AFTERNOON_HOURS = 7, 20, 4
_CAPTURE_AFTER = timedelta(minutes=2)
_YESTERDAY_HOURS = 20
_FIRST_HOUR, _OPEN_HOURS = 8, 8


@dataclass(slots=True)
class CaseMaker:
    """Makes the cases in the order of the table, giving out patients and appointments."""

    demo: RuleTable
    now: datetime
    patients: PatientMaker
    practitioners: tuple[PractitionerPlan, ...]
    clinics: tuple[ClinicPlan, ...]
    known: dict[str, PatientPlan]
    _given_out: set[SlotPlan] = field(default_factory=set)
    _opened: Counter[str] = field(default_factory=Counter)

    def make_all(self) -> tuple[CasePlan, ...]:
        """As many cases as the sizes say: the table cut, or repeated with other patients."""
        table = self.demo.tables("cases")
        wanted = self.demo.table("sizes").whole("cases") if table else 0
        return tuple(
            self._make(table[number % len(table)], number // len(table)) for number in range(wanted)
        )

    def _make(self, row: RuleTable, cycle: int) -> CasePlan:
        row.only(*_KEYS)
        key = row.text("key") + (f"-{cycle + 1}" if cycle else "")
        target, service = row.code("state", CaseStatus), row.code("service", ServiceType)
        patient, opened_at = self._patient(row, key, cycle), self._opened_at(row, cycle)
        drawn = draw_of(row, patient, image_px=self.demo.table("sizes").whole("image_px"))
        images = tuple(images_of(row, drawn, opened_at + _CAPTURE_AFTER))
        slot, turns = self._slot(row), plan_turns(row)
        return CasePlan(
            key=key,
            target=target,
            service=service,
            priority=_priority(row, service),
            institution=patient.institution,
            panel=row.text_or_none("panel") or self._panel_for(row, service),
            patient=patient.key,
            question=row.text_or_none("question") or self.demo.table("preset").text("question"),
            summary=row.text_or_none("summary"),
            history=plan_history(row, reference_year=self._reference_year()),
            images=images,
            extra_files=row.texts("extra_files"),
            report=plan_report(self.demo, row, drawn, service=service)
            if row.has("report")
            else None,
            decision=_decision(row),
            clinic=row.table("booking").text("clinic") if row.has("booking") else None,
            slot=slot,
            outcome=_outcome(row),
            reason=row.text_or_none("reason"),
            sheet=plan_sheet(row),
            steps=plan_steps(
                CaseStatus.ASSIGNED if turns else target,
                self._cast(row),
                opened_at=opened_at,
                slot=slot,
                course=Course(bool(images), row.has("decision"), _fate(row)),
            )
            + tuple(turn_steps(turns, self._cast(row), opened_at=opened_at))
            + tuple(message_steps(plan_messages(row), self._cast(row), opened_at=opened_at)),
        )

    def _panel_for(self, row: RuleTable, service: ServiceType) -> str:
        for panel in self.demo.tables("panels"):
            if service in panel.codes("services", ServiceType):
                return panel.text("code")
        raise row.wrong("service", "no panel offers it")

    def _reference_year(self) -> int:
        return self.demo.table("numbers").whole("reference_year")

    def _patient(self, row: RuleTable, key: str, cycle: int) -> PatientPlan:
        name = row.text_or_none("patient")
        if name is None or cycle:
            made = self.patients.make_any(key=f"of-{key}", institution=row.text("institution"))
            return self.known.setdefault(made.key, made)
        if name not in self.known:
            raise row.wrong("patient", "no such patient")
        return self.known[name]

    def _opened_at(self, row: RuleTable, cycle: int) -> datetime:
        hours = row.whole("hours_ago") + 24 * cycle
        if hours == 0:
            return self.now - _LEAST_AGO
        place = row.text("institution")
        self._opened[place] += 1
        spread = _SPREAD_MIN * self._opened[place] % _SPREAD_OVER_MIN
        opened_at = self.now - timedelta(hours=hours, minutes=spread)
        if hours < _YESTERDAY_HOURS:
            return _by_day(opened_at)
        return opened_at.replace(hour=_FIRST_HOUR + opened_at.hour % _OPEN_HOURS)

    def _slot(self, row: RuleTable) -> SlotPlan | None:
        if not row.has("booking"):
            return None
        table = row.table("booking")
        table.only("clinic", "days", "then")
        if not table.has("days"):
            return None
        wish = self.now + timedelta(days=table.whole("days", lowest=-365))
        for slot in self._slots(table.text("clinic")):
            if slot.starts_at >= wish and slot not in self._given_out:
                self._given_out.add(slot)
                return slot
        return None

    def _slots(self, code: str) -> Iterator[SlotPlan]:
        for clinic in self.clinics:
            if clinic.code == code:
                yield from clinic.slots

    def _cast(self, row: RuleTable) -> Cast:
        firsts = people_by_role(self.practitioners)
        invited = self.demo.table("consortium").text("lead")
        physician = row.text("physician")
        return Cast(
            inviting=row.text("institution"),
            invited=invited,
            preparer=row.text_or_none("photographer") or physician,
            physician=physician,
            expert=row.text_or_none("expert") or firsts.get((invited, Role.EXPERT), physician),
            desk=firsts.get((invited, Role.REFERRAL_DESK), physician),
        )


def _by_day(at: datetime) -> datetime:
    """Nobody photographs at night: such a time moves back to the afternoon before it."""
    if _MORNING <= at.hour < _NIGHT:
        return at
    moved = at.replace(hour=_NIGHT - _AFTERNOON_HOURS + at.hour % _AFTERNOON_HOURS)
    return moved if moved <= at else moved - timedelta(days=1)


def _priority(row: RuleTable, service: ServiceType) -> Priority:
    if row.has("priority"):
        return row.code("priority", Priority)
    return Priority.SCREENING if service is ServiceType.SCREENING_READ else Priority.ROUTINE


def _decision(row: RuleTable) -> DecisionPlan | None:
    if not row.has("decision"):
        return None
    table = row.table("decision")
    table.only("verdict", "next", "note")
    return DecisionPlan(
        table.code("verdict", Choice), table.code("next", NextStep), table.text("note")
    )


def _fate(row: RuleTable) -> Fate | None:
    has_fate = row.has("booking") and row.table("booking").has("then")
    return row.table("booking").code("then", Fate) if has_fate else None


def _outcome(row: RuleTable) -> OutcomePlan | None:
    if not row.has("outcome"):
        return None
    table = row.table("outcome")
    table.only("diagnosis", "findings", "advice")
    return OutcomePlan(table.text("diagnosis"), table.text("findings"), table.text("advice"))

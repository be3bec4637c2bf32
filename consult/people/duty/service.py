"""Who is on duty for a panel now, who is on leave, and who answers for what waits there (ID-10)."""

from collections.abc import Iterator
from dataclasses import dataclass

from consult.kernel.ids import InstitutionId, PractitionerId
from consult.kernel.work import Role, Work
from consult.people.duty import leaves, store
from consult.people.duty.model import HalfDay, Roster, half_day_at
from consult.people.organisations import panels
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Panel
from consult.people.practitioners import affiliations

MOST_DAYS = 500


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who of a panel is there now; `next` is the next half-day with somebody, where nobody is."""

    now: HalfDay
    on_duty: tuple[PractitionerId, ...]
    next: HalfDay | None


def roster_of(work: Work, panel: Panel) -> Roster:
    """The roster of a panel, with those of its members who work there as experts today."""
    today = organisations.today_at(work, panel.institution_id)
    members = panels.list_members_in_order(work, panel.id)
    return Roster(
        members=tuple(each for each in members if _works(work, panel, each)),
        week=store.list_week(work.session, panel.id),
        days=store.list_days(work.session, panel.id, on=today, limit=MOST_DAYS),
        leaves=[
            leave
            for leave in leaves.list_leaves(work, members, on=today)
            if leave.institution_id == panel.institution_id
        ],
    )


def half_day_of(work: Work, panel: Panel) -> HalfDay:
    """The present half-day where the panel is."""
    zone = organisations.get_institution(work, panel.institution_id).zone
    return half_day_at(work.now, zone=zone)


def attendance_of(work: Work, panel: Panel) -> Attendance:
    """Who of the panel is on duty now, or when somebody will be."""
    roster, now = roster_of(work, panel), half_day_of(work, panel)
    on_duty = roster.on_duty(now)
    return Attendance(now, on_duty, None if on_duty else roster.next_duty(now))


def offered(work: Work, panel: Panel) -> tuple[PractitionerId, ...]:
    """To whom a case that waits before the panel is offered now: nobody on leave."""
    return roster_of(work, panel).offered(half_day_of(work, panel))


def answering(work: Work, panel: Panel) -> PractitionerId:
    """Who answers for what waits before a panel, and is not on leave while anybody else is there.

    Its leader; while she is on leave who stands in for her, else a member, those on duty first; a
    coordinator once she has gone; where there is nobody at all, she.
    """
    if panels.has_leader(work, panel):
        place = panel.institution_id
        if leaves.find_present(work, panel.leader_id, institution_id=place) is None:
            return panel.leader_id
        deputy = next(_deputies(work, panel), None)
        if deputy is not None:
            return deputy
    found = first_there(work, panel.institution_id, Role.COORDINATOR)
    return panel.leader_id if found is None else found


def first_there(work: Work, institution_id: InstitutionId, role: Role) -> PractitionerId | None:
    """The first by name who holds a role there and is not on leave; where all are, the first."""
    found = affiliations.list_people_with_role(work, institution_id, role)
    people = [each.practitioner_id for each in found]
    away = leaves.away_today(work, people, institution_id=institution_id)
    return next((each for each in people if each not in away), people[0] if people else None)


def _deputies(work: Work, panel: Panel) -> Iterator[PractitionerId]:
    roster, now = roster_of(work, panel), half_day_of(work, panel)
    stands_in = roster.stand_in_for(panel.leader_id, now.day)
    if stands_in is not None:
        yield stands_in
    yield from roster.on_duty(now)
    away = roster.away_on(now.day)
    yield from (each for each in roster.members if each not in away)


def _works(work: Work, panel: Panel, person: PractitionerId) -> bool:
    return affiliations.holds_role(
        work, practitioner_id=person, institution_id=panel.institution_id, role=Role.EXPERT
    )

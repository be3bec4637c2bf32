"""Rosters and leave for tests."""

from dataclasses import replace
from datetime import date

from consult.calendar.video import service_offer
from consult.calendar.video.service_offer import Begun, NewLeave
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Actor, Role
from consult.people.duty.model import DayHalf, Turn, WeekDuty
from consult.people.organisations import panels
from consult.people.organisations import service as organisations
from consult.queue import rosters
from tests.makers.consortium import Consortium
from tests.makers.people import actor_of
from tests.makers.people import add_person as add_anybody
from tests.makers.reports import queue_limits
from tests.makers.video_sessions import video_rules

MORNINGS = tuple(Turn(day, DayHalf.MORNING) for day in range(1, 6))
AFTERNOONS = tuple(Turn(day, DayHalf.AFTERNOON) for day in range(1, 6))


def third_expert(world: Consortium, login: str = "zheng") -> Actor:
    """One more expert of the panel, licensed as the others are."""
    person = add_anybody(world.clinic, login, world.lead_id, Role.EXPERT)
    panel = world.clinic.system(panels.get_panel, panel_id=world.panel_id)
    world.clinic.system(
        panels.add_panel_member,
        panel_id=panel.id,
        revision=panel.revision,
        practitioner_id=person,
    )
    return replace(actor_of(world.clinic, person), panel_ids=frozenset({panel.id}))


def go_on_leave(
    world: Consortium,
    who: Actor,
    *,
    day_from: date | None = None,
    day_until: date | None = None,
    substitute: Actor | None = None,
) -> Begun:
    """She enters leave, for today where no day is named."""
    today = world.clinic.system(organisations.today_at, institution_id=world.lead_id)
    return world.clinic.do(
        who,
        service_offer.add_leave,
        new=NewLeave(
            day_from or today,
            day_until or day_from or today,
            substitute_id=None if substitute is None else substitute.person,
        ),
        rules=video_rules(),
        limits=queue_limits(),
    )


def end_leave(world: Consortium, who: Actor) -> None:
    """She takes her first leave back."""
    offering = world.clinic.do(who, service_offer.offering_of)
    world.clinic.do(who, service_offer.end_leave, leave_id=offering.leaves[0].id)


def keep_week(world: Consortium, week: dict[Actor, tuple[Turn, ...]], *, by: Actor) -> int:
    """Put this week in the place of the panel's; how many waiting cases are offered anew."""
    panel = world.clinic.system(panels.get_panel, panel_id=world.panel_id)
    return world.clinic.do(
        by,
        rosters.set_week,
        panel_id=panel.id,
        revision=panel.revision,
        week=[
            WeekDuty(PractitionerId(who.person), frozenset(turns)) for who, turns in week.items()
        ],
    )

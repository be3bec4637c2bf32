"""Every page that a person can open, generated from the router, with somebody who may open it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from consult.access.model import RoleRules
from consult.kernel.work import Role
from server.doors import Door
from server.routes import ALL
from tests.makers.asking import make_question
from tests.makers.world import World
from tests.makers.world_people import Person, Side

NOT_DRAWN = {
    *("health.healthz", "health.readyz", "health.metrics", "openapi.show", "sign_in.start"),
    *(
        "oidc.leave",
        "oidc.come_back",
        "reports.download",
        "statistics.download",
        "quality_statistics.download",
        *("month.take_csv", "month.take_workbook"),
        *("month.take_cases_csv", "month.take_cases_workbook"),
        *(f"result_notices.download_{which}" for which in ("all", "chosen", "one")),
        "certificate.give_pem",
        "certificate.give_der",
        "schedule.feed",
        "video_sessions.take",
    ),
}
"""Doors for machines, those that only send on, and downloads."""

_GUIDES = (
    (Side.HOME, Role.REQUESTING_PHYSICIAN),
    (Side.LEAD, Role.EXPERT),
    (Side.LEAD, Role.REFERRAL_DESK),
    (Side.HOME, Role.ADMINISTRATOR),
)
_STAGES: Mapping[str, Mapping[str, str]] = {
    "cases.show": {
        "draft": "draft",
        "waiting": "case",
        "reported": "reported",
        "booked": "referred",
    },
    "booking.show": {"booked": "referred", "": "reported"},
    "reading.show": {"": "case"},
    "received.choose": {"": "draft"},
    "marks_out.show": {"": "amended"},
}
"""Pages that look different at each stage of a case: the stage, and the thing that is there."""
_QUERIES: Mapping[str, Mapping[str, str]] = {
    "cases.index": {"drafts": "view=drafts", "running": "view=running", "done": "view=done"},
    "desk.index": {"": "", "red": "view=red"},
    "panels.show_all": {"": "at={lead_place}"},
}


@dataclass(frozen=True)
class Sight:
    """One page, who looks at it, and what its picture is called."""

    name: str
    path: str
    person: Person | None


def sights_of(world: World, roles: RoleRules, things: Mapping[str, str]) -> Iterator[Sight]:
    """Every page of the router, at each stage at which it looks different."""
    for routes in ALL:
        for door in routes.doors:
            if door.is_page and door.name not in NOT_DRAWN:
                yield from _sights(door, world, roles, things)


def _sights(
    door: Door, world: World, roles: RoleRules, things: Mapping[str, str]
) -> Iterator[Sight]:
    person = _guide(door, world, roles)
    for stage, thing in _STAGES.get(door.name, {"": ""}).items():
        here = {**things, "case": things[thing]} if thing else things
        asked = make_question(door, here)
        queries = _QUERIES.get(door.name, {"": urlencode(asked.query)})
        for part, query in queries.items():
            name = "-".join(word for word in (door.name, stage, part) if word)
            text = query.format(lead_place=world.places[Side.LEAD])
            yield Sight(name.replace("_", "-"), asked.path + (f"?{text}" if text else ""), person)


def _guide(door: Door, world: World, roles: RoleRules) -> Person | None:
    """The first of a few people who may open it; nobody for a page before the sign-in."""
    if door.public:
        return None
    people = [world.person(side, role) for side, role in _GUIDES]
    action = door.action
    return next(p for p in people if action is None or roles.permits(p.actor, action))

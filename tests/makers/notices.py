"""People who want to hear outside the page, and the clock that reads the journal for them."""

from sqlalchemy import select

from consult.cases.events import case_entry
from consult.cases.model import Case
from consult.kernel.work import Actor, Work
from consult.notices import gathering, service
from consult.notices.model import NoticeEvent, WayForm, WayKind, parse_notice_rules
from consult.notices.tables import NoticeRow
from tests.makers.consortium import Consortium
from tests.makers.rulebooks import read_config

RULES = parse_notice_rules(read_config("notices.toml"))


def wish(
    world: Consortium, who: Actor, *events: NoticeEvent, quiet: tuple[str, str] = ("", "")
) -> str:
    """She wants to hear of these, or of everything, by e-mail, and not in quiet hours."""
    told = frozenset(events or NoticeEvent)
    form = WayForm(WayKind.EMAIL, "someone@hospital.example", "", told, *quiet)
    asked = {"form": form, "language": "zh-Hans", "rules": RULES, "origins": ()}
    return world.clinic.do(who, service.add_way, **asked)


def read_to_end(world: Consortium) -> None:
    """The journal was read to its present end."""
    world.clinic.settle()
    world.clinic.system(gathering.gather, rules=RULES)


def gather(world: Consortium) -> list[tuple[str, NoticeEvent]]:
    """What was written for whom since the last time; until the journal is read to its end."""
    before = set(_told(world))
    read_to_end(world)
    return sorted((way, event) for _, way, event in set(_told(world)) - before)


def note(world: Consortium, case: Case, kind: str, **codes: str | int) -> None:
    """A line of the journal as the clock writes it."""
    world.clinic.system(lambda work: work.journal(case_entry(case, kind, codes=codes)))


def _told(world: Consortium) -> list[tuple[str, str, NoticeEvent]]:
    def step(work: Work) -> list[tuple[str, str, NoticeEvent]]:
        return [(row.id, row.way_id, row.event) for row in work.session.scalars(select(NoticeRow))]

    return world.clinic.system(step)

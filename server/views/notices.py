"""What a person sees of her own ways of being told, and an administrator of those that fail."""

from dataclasses import dataclass
from datetime import datetime

from consult.kernel.work import Work
from consult.notices import service
from consult.notices.model import ALWAYS_TOLD, Way, WayKind
from consult.people.practitioners import service as practitioners
from server.views.sign_in import in_tongue


@dataclass(frozen=True, slots=True)
class WayRow:
    """One way; of a robot's address only the server, since the rest is a key."""

    id: str
    kind: str
    place: str
    events: tuple[str, ...]
    quiet_from: str
    quiet_until: str
    digests: tuple[str, ...]
    state: str
    failure: str
    sent_at: datetime | None
    failing_since: datetime | None
    rests_until: datetime | None


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """A person's ways, whether mail can go at all, and of what she is told without choosing it."""

    rows: tuple[WayRow, ...]
    has_mail: bool
    always: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FailingRow:
    """One way that does not work: whose, since when, and what it keeps."""

    person: str
    way: WayRow
    waiting: int
    given_up: int


@dataclass(frozen=True, slots=True)
class FailingPage:
    """What an administrator of the installation sees."""

    rows: tuple[FailingRow, ...]
    mail_host: str
    mail_security: str
    mail_from: str


def make_own(work: Work, *, has_mail: bool) -> NoticesPage:
    """The actor's own ways."""
    rows = tuple(_row(way) for way in service.list_own(work))
    return NoticesPage(rows, has_mail, always=tuple(sorted(ALWAYS_TOLD)))


def make_failing(
    work: Work, *, tongue: str, mail_host: str, mail_security: str, mail_from: str
) -> FailingPage:
    """The ways that do not work now."""
    found = service.list_failing(work)
    people = practitioners.names_of(work, {way.person_id for way, _, _ in found})
    rows = [
        FailingRow(
            person=in_tongue(tongue, people[way.person_id].name, people[way.person_id].name_en),
            way=_row(way),
            waiting=waiting,
            given_up=given_up,
        )
        for way, waiting, given_up in found
    ]
    return FailingPage(tuple(rows), mail_host, mail_security, mail_from)


def _row(way: Way) -> WayRow:
    line = way.line
    state = "failing" if line.failing_since else ("well" if line.sent_at else "new")
    return WayRow(
        id=way.id,
        kind=way.kind,
        place=_place(way),
        events=tuple(sorted(way.events)),
        quiet_from=way.quiet_from,
        quiet_until=way.quiet_until,
        digests=way.digests,
        state=state,
        failure=line.failure,
        sent_at=line.sent_at,
        failing_since=line.failing_since,
        rests_until=line.rests_until,
    )


def _place(way: Way) -> str:
    if way.kind is WayKind.EMAIL:
        return way.address
    return way.address.partition("://")[2].partition("/")[0]

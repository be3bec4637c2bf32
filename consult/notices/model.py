"""Ways by which people are told outside the page, and when a notice goes (Q-13)."""

import enum
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from consult.kernel.errors import FieldProblem
from consult.kernel.ids import PractitionerId
from consult.kernel.rules import RuleTable

LONGEST_ADDRESS: Final = 400
LONGEST_SECRET: Final = 200
LONGEST_REST: Final = timedelta(hours=6)
"""How long a way that failed rests at the most."""
LONGEST_DELAY: Final = timedelta(days=2)
"""How long a notice waits at the most: for its digest, and then for the end of quiet hours."""
# As mail servers take it in an envelope: no blank, no bracket, no end of a line.
_MAIL: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_DAY: Final = timedelta(days=1)
MOST_DIGESTS: Final = 4
_BETWEEN: Final = re.compile(r"[\s,;，、；]+")


class WayKind(enum.StrEnum):
    """How a person is told."""

    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"


class NoticeEvent(enum.StrEnum):
    """Of what a person may be told."""

    WAITING = "waiting"
    PROMISE_NEAR = "promise_near"
    PROMISE_MISSED = "promise_missed"
    RETURNED = "returned"
    ENDED = "ended"
    NOT_SUBMITTED = "not_submitted"
    ANSWERED = "answered"
    AMENDED = "amended"
    DECLINED = "declined"
    SESSION = "session"
    RING = "ring"
    URGENT_ALERT = "urgent_alert"
    REFERRAL = "referral"


ALWAYS_TOLD: Final = frozenset({NoticeEvent.URGENT_ALERT})
"""What goes by every way of whoever answers for it: nobody chooses to miss it (RPT-08)."""


class NoticeState(enum.StrEnum):
    """How far a notice is; one that is dropped had no way any more."""

    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class WayForm:
    """What a person chooses; times of day are hours and minutes of her institution's clock."""

    kind: WayKind
    address: str
    secret: str
    events: frozenset[NoticeEvent]
    quiet_from: str = ""
    quiet_until: str = ""
    digests: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """How it goes with a way: failures since the last success, and when it is tried again."""

    tries: int = 0
    rests_until: datetime | None = None
    failing_since: datetime | None = None
    failure: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """One way of one person, without its secret."""

    id: str
    person_id: PractitionerId
    kind: WayKind
    address: str
    events: frozenset[NoticeEvent]
    quiet_from: str
    quiet_until: str
    digests: tuple[str, ...]
    zone: str
    language: str
    line: Line


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing of which a person is told by one way: an event and a case's number, no more."""

    id: str
    way_id: str
    event: NoticeEvent
    case_number: str
    case_id: str
    is_urgent: bool
    made_at: datetime


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """How much and how patiently is sent (config/notices.toml)."""

    most_ways: int
    most_lines: int
    at_once: int
    waits: tuple[timedelta, ...]
    urgent_wait: timedelta
    give_up_after: timedelta
    connect_s: int
    message_s: int
    longest_answer_bytes: int
    soon: timedelta
    hosts: Mapping[WayKind, frozenset[str]]

    def wait_after(self, tries: int, *, is_urgent: bool = False) -> timedelta:
        """How long nothing is tried after so many failures; less while something urgent waits."""
        usual = self.waits[min(max(tries, 1), len(self.waits)) - 1]
        return min(usual, self.urgent_wait) if is_urgent else usual


def parse_notice_rules(mapping: Mapping[str, object]) -> NoticeRules:
    """The rules; an unknown key is refused."""
    table = RuleTable(mapping)
    numbers = (
        *("most_ways", "most_lines", "at_once", "give_up_after_h", "connect_s", "message_s"),
        *("longest_answer_bytes", "soon_min", "urgent_wait_s"),
    )
    table.only("name", "version", "source", "wait_s", "hosts", *numbers)
    hosts = table.table("hosts")
    robots = (WayKind.WECOM, WayKind.DINGTALK)
    hosts.only(*robots)
    found = {key: table.whole(key, lowest=1) for key in numbers}
    waits = table.waits("wait_s")
    if max(waits) > LONGEST_REST:
        raise table.wrong("wait_s", "must rest no longer than six hours")
    return NoticeRules(
        waits=waits,
        give_up_after=timedelta(hours=found.pop("give_up_after_h")),
        soon=timedelta(minutes=found.pop("soon_min")),
        urgent_wait=timedelta(seconds=found.pop("urgent_wait_s")),
        hosts=MappingProxyType({kind: frozenset(hosts.texts(kind)) for kind in robots}),
        **found,
    )


def problems_of(
    form: WayForm, *, rules: NoticeRules, origins: Collection[str]
) -> Iterator[FieldProblem]:
    """Why a way cannot be used; `origins` are further robots' servers that the operator allows."""
    if not form.events:
        yield FieldProblem("events", "field-missing")
    if code := _address_problem(form, rules=rules, origins=origins):
        yield FieldProblem("address", code)
    quiet = {"quiet_from": form.quiet_from, "quiet_until": form.quiet_until}
    for name, told in quiet.items():
        if told and _TIME.fullmatch(told) is None:
            yield FieldProblem(name, "notice-time-malformed")
    if any(_TIME.fullmatch(each) is None for each in form.digests):
        yield FieldProblem("digests", "notice-time-malformed")
    elif len(form.digests) > MOST_DIGESTS:
        yield FieldProblem("digests", "notice-digests-many")
    if bool(form.quiet_from) != bool(form.quiet_until):
        yield FieldProblem("quiet_until" if form.quiet_from else "quiet_from", "field-missing")


def _address_problem(form: WayForm, *, rules: NoticeRules, origins: Collection[str]) -> str:
    if not form.address:
        return "field-missing"
    if form.kind is WayKind.EMAIL:
        return "" if _MAIL.fullmatch(form.address) else "notice-mail-malformed"
    is_fine = is_allowed(form.kind, form.address, rules=rules, origins=origins)
    return "" if is_fine else "notice-robot-address"


def is_allowed(
    kind: WayKind, address: str, *, rules: NoticeRules, origins: Collection[str]
) -> bool:
    """Whether a robot's address is at a server that may be asked: nothing inside is reached."""
    try:
        parts = urlsplit(address)
        has_port = parts.port is not None
    except ValueError:
        return False
    if not address.isascii() or any(ord(sign) <= ord(" ") for sign in address):
        return False
    if parts.username is not None or parts.fragment:
        return False
    if f"{parts.scheme}://{parts.netloc}" in origins:
        return True
    return parts.scheme == "https" and not has_port and parts.hostname in rules.hosts[kind]


def time_to_send(way: Way, *, now: datetime, is_urgent: bool) -> datetime:
    """When a notice goes: at once if urgent, else with the next digest, and in no quiet hour."""
    if is_urgent:
        return now
    at = min((_next(now, told, zone=way.zone) for told in way.digests), default=now)
    return _out_of_quiet(at, way)


def parse_digests(text: str) -> tuple[str, ...]:
    """The times of day that somebody wrote, each once and in order; what is none stays as it is."""
    return tuple(sorted({each for each in _BETWEEN.split(text) if each}))


def _out_of_quiet(at: datetime, way: Way) -> datetime:
    if not way.quiet_from or way.quiet_from == way.quiet_until:
        return at
    here = at.astimezone(ZoneInfo(way.zone)).strftime("%H:%M")
    if way.quiet_from < way.quiet_until:
        is_quiet = way.quiet_from <= here < way.quiet_until
    else:
        is_quiet = here >= way.quiet_from or here < way.quiet_until
    return _next(at, way.quiet_until, zone=way.zone) if is_quiet else at


def _next(now: datetime, told: str, *, zone: str) -> datetime:
    """The next time, from now on, that the clock there shows this."""
    hour, minute = (int(part) for part in told.split(":"))
    local = now.astimezone(ZoneInfo(zone))
    at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return (at if at >= local else at + _DAY).astimezone(now.tzinfo)

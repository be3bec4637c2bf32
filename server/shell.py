"""What every page shows around its own content: rail, person, acting institution, notices."""

from dataclasses import dataclass
from datetime import datetime

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.people.sessions.model import BY_PROVIDER, SignedIn
from server.disk_watch import DISK, SENTENCES
from server.i18n import CHINESE, N_, Languages
from server.moments import format_full_moment, format_moment
from server.navigation import TRAINING, NavItem, home_of, make_nav
from server.prefix import PREFIX, path_of
from server.requests import TOKEN, find_signed_in, language
from server.rules.rulebook import Rulebook
from server.security import csrf_token

DEMO = N_("Demonstration data: nobody here is real, and signatures are made with a trial key.")

_IN_CHAT = "MicroMessenger"
EMERGENCY = N_("Emergency access is open until {time}. Every look is written down and reviewed.")


@dataclass(frozen=True, slots=True)
class Lock:
    """When the page is covered, whose it is, and what uncovers it."""

    after_s: int
    login: str
    affiliation_id: str
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shell:
    """The frame of one page; `position` is the journal's end when it was drawn.

    `provider` names the identity provider that is asked again before an act of this person's.
    `listens` says whether the page opens the event stream: not before the first own password.
    `in_chat` says that the page stands in the browser inside WeChat, which opens no PDF (U21).
    `rings` says whether a call is heard on the page: where video is on, by whoever may enter rooms.
    """

    lang: str
    title: str
    path: str
    now: str
    position: int
    notice: str | None
    base_path: str = ""
    signed_in: bool = False
    nav: tuple[NavItem, ...] = ()
    account: str = ""
    listens: bool = True
    rings: bool = False
    person_name: str = ""
    role_text: str = ""
    acting_text: str = ""
    now_text: str = ""
    csrf_token: str = ""
    home: str = "/"
    lock: Lock | None = None
    emergency: str = ""
    provider: str = ""
    trouble: str = ""
    hears_sessions: bool = False
    hears_alerts: bool = False
    upload_share: int = 100
    in_chat: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """What a shell is made with, the same for every request of a process."""

    languages: Languages
    rules: Rulebook
    is_demo: bool
    provider_name: str = ""
    has_video: bool = False


def make_shell(
    request: web.Request, frame: Frame, *, title: str, position: int, now: datetime
) -> Shell:
    """The frame of a page for this reader; `title` is in her language already."""
    tongue = language(request)
    notice = frame.languages.text(tongue, DEMO) if frame.is_demo else None
    person = find_signed_in(request)
    path, base = path_of(request), request.app[PREFIX].text
    if person is None:
        return Shell(tongue, title, path, now.isoformat(), position, notice, base_path=base)
    roles, terms = frame.rules.roles, frame.rules.terms
    nav = make_nav(
        person.actor,
        roles,
        path=path,
        translate=frame.languages.translator(tongue),
        without=() if frame.rules.own.on_for else {TRAINING},
    )
    comma = "、" if tongue == CHINESE else ", "
    return Shell(
        tongue,
        title,
        path,
        now.isoformat(),
        position,
        notice,
        base_path=base,
        signed_in=True,
        nav=tuple(nav),
        account=person.actor.person,
        listens=not person.must_change_password,
        rings=frame.has_video
        and not person.must_change_password
        and roles.permits(person.actor, Action.ENTER_ROOM),
        person_name=_name(person, tongue),
        role_text=comma.join(
            terms.text(tongue, "role", role) for role in sorted(person.actor.roles)
        ),
        acting_text=_place(person, tongue),
        now_text=format_full_moment(now, zone=person.zone, language=tongue),
        csrf_token=csrf_token(str(request.get(TOKEN, ""))),
        home=home_of(person.actor, roles),
        lock=_lock(person, frame.rules),
        emergency=_emergency(person, frame, tongue, now),
        trouble=_trouble(request, frame, tongue),
        hears_alerts=not person.must_change_password
        and roles.permits(person.actor, Action.SEE_ALERT),
        upload_share=frame.rules.images.limits.share_percent,
        hears_sessions=roles.permits(person.actor, Action.SEE_SCHEDULE),
        in_chat=_IN_CHAT in request.headers.get(hdrs.USER_AGENT, ""),
        provider=frame.provider_name if person.signed_in_by == BY_PROVIDER else "",
    )


def _trouble(request: web.Request, frame: Frame, tongue: str) -> str:
    code = request.app[DISK].trouble
    return frame.languages.text(tongue, SENTENCES[code]) if code else ""


def _emergency(person: SignedIn, frame: Frame, tongue: str, now: datetime) -> str:
    until = person.emergency_until
    if until is None or until <= now:
        return ""
    time = format_moment(until, zone=person.zone, language=tongue)
    return frame.languages.text(tongue, EMERGENCY).format(time=time)


def _lock(person: SignedIn, rules: Rulebook) -> Lock:
    own = rules.sign_in.lock_at(person.institution_code)
    return Lock(
        after_s=int(own.after.total_seconds()),
        login=person.login,
        affiliation_id=person.actor.affiliation_id or "",
        ways=(BY_PROVIDER,)
        if person.signed_in_by == BY_PROVIDER
        else own.ways_for(has_second_factor=person.has_second_factor),
    )


def _name(person: SignedIn, tongue: str) -> str:
    return person.person_name if tongue == CHINESE else person.person_name_en or person.person_name


def _place(person: SignedIn, tongue: str) -> str:
    if tongue == CHINESE:
        return person.institution_name
    return person.institution_name_en or person.institution_name

"""What befell a case on its way: sent back, declined, sent to another panel; who may do it now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from consult.access.model import Action
from consult.cases.model import Case, CaseStatus
from consult.cases.returns import openings
from consult.cases.returns import service as returns
from consult.cases.returns.model import CaseReturn, ReturnEnd
from consult.cases.returns.openings import Answered
from consult.journal.model import Line
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Panel
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.queue import holding, service_leader, service_return
from consult.queue.model import PRESSED_IN
from server.i18n import N_
from server.keys import LANGUAGES, RULES
from server.moments import format_day, format_full_moment, format_left, local_day
from server.requests import language, signed_in
from server.rules.rulebook import Rulebook
from server.views.return_words import item_text
from server.views.timeline import name_of

_PANEL_KEYS = ("panel", "to_panel")
_ENDED = {
    ReturnEnd.RESUBMITTED: N_("Sent again {when}"),
    ReturnEnd.WITHDRAWN: N_("Withdrawn {when}"),
    ReturnEnd.EXPIRED: N_("Ended {when}: not retaken in time"),
}


@dataclass(frozen=True, slots=True)
class LineView:
    """One thing that is asked for; state is open, done, excused or empty."""

    text: str
    state: str


@dataclass(frozen=True, slots=True)
class ReturnView:
    """One return in the reader's words."""

    is_live: bool
    who: str
    when: str
    note: str
    lines: Sequence[LineView]
    last_day: str
    rest: str
    ended: str


@dataclass(frozen=True, slots=True)
class StepView:
    """One step of the trail: declined, pressed, sent to another panel."""

    kind: str
    when: str
    who: str
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class WayView:
    """The card in the reader's words."""

    returns: Sequence[ReturnView]
    trail: Sequence[StepView]
    declines: int
    is_pressed: bool
    is_expired: bool
    may_return: bool
    may_forward: bool

    @property
    def live(self) -> ReturnView | None:
        """The return for which the clinic has the case."""
        return next((each for each in self.returns if each.is_live), None)


@dataclass(frozen=True, slots=True)
class Way:
    """What was found of a case's way."""

    case: Case
    returns: Sequence[CaseReturn]
    answered: Sequence[Answered]
    trail: Sequence[Line]
    names: Mapping[str, PersonName]
    panels: Mapping[str, Panel]
    is_pressed: bool
    may_return: bool
    may_forward: bool
    now: datetime

    def said_to(self, request: web.Request) -> WayView:
        """The card in the reader's words."""
        declines = sum(line.kind == "case.declined" for line in self.trail)
        roles, actor = request.app[RULES].roles, signed_in(request).actor
        return WayView(
            returns=[_return(request, self, each) for each in self.returns],
            trail=[_step(request, self, line) for line in self.trail],
            declines=declines,
            is_pressed=self.is_pressed,
            is_expired=self.case.status is CaseStatus.EXPIRED,
            may_return=self.may_return and roles.permits(actor, Action.RETURN_CASE),
            may_forward=self.may_forward and roles.permits(actor, Action.FORWARD_CASE),
        )


def make_part(work: Work, case: Case, rules: Rulebook) -> Way | None:
    """The card; None for a case that went straight to its answer, and nothing is to be done."""
    way = find_way(work, case, rules)
    is_plain = not (way.returns or way.trail or way.may_return or way.may_forward)
    return None if is_plain else way


def find_way(work: Work, case: Case, rules: Rulebook) -> Way:
    """Everything that befell the case, and what the actor may do now."""
    found = returns.list_returns(work, case.id)
    trail = service_leader.list_trail(work, case.id)
    live = next((each for each in found if each.ended_at is None), None)
    people: set[str] = {each.returned_by for each in found}
    people |= {line.practitioner_id for line in trail if line.practitioner_id}
    declines = sum(line.kind == "case.declined" for line in trail)
    return Way(
        case=case,
        returns=found,
        answered=() if live is None else openings.answered(work, case, live),
        trail=trail,
        names=practitioners.names_of(work, people),
        panels=_panels(work, trail),
        is_pressed=case.status in PRESSED_IN and declines >= rules.queue.declines_to_escalate,
        may_return=service_return.may_return(work, case),
        may_forward=holding.may_triage(work, case, declined=True),
        now=work.now,
    )


def _panels(work: Work, trail: Sequence[Line]) -> Mapping[str, Panel]:
    named = {str(line.codes[key]) for line in trail for key in _PANEL_KEYS if line.codes.get(key)}
    return {panel_id: organisations.panel_in_use(work, panel_id) for panel_id in sorted(named)}


def _return(request: web.Request, way: Way, back: CaseReturn) -> ReturnView:
    tongue, zone = language(request), signed_in(request).zone
    is_live = back.ended_at is None
    states = {each.item: _state(each) for each in way.answered} if is_live else {}
    return ReturnView(
        is_live=is_live,
        who=name_of(request, way.names.get(back.returned_by)),
        when=format_full_moment(back.returned_at, zone=zone, language=tongue),
        note=back.note,
        lines=[
            LineView(item_text(request, way.case, item), states.get(item, ""))
            for item in back.items
        ],
        last_day=last_day(request, back.expires_at),
        rest=_rest(request, way.case, back) if is_live else "",
        ended=_ended(request, back),
    )


def last_day(request: web.Request, expires_at: datetime) -> str:
    """The day before the midnight at which a return ends."""
    day = local_day(expires_at - timedelta(seconds=1), zone=signed_in(request).zone)
    return format_day(day, language=language(request))


def _rest(request: web.Request, case: Case, back: CaseReturn) -> str:
    """What was left of the promise when it paused."""
    if case.report_by is None:
        return ""
    return format_left(case.report_by, now=back.returned_at, language=language(request))[0]


def _ended(request: web.Request, back: CaseReturn) -> str:
    if back.ended_at is None or back.ended_how is None:
        return ""
    tongue = language(request)
    when = format_full_moment(back.ended_at, zone=signed_in(request).zone, language=tongue)
    return request.app[LANGUAGES].text(tongue, _ENDED[back.ended_how]).format(when=when)


def _state(answered: Answered) -> str:
    if answered.is_excused:
        return "excused"
    return "done" if answered.is_done else "open"


def _step(request: web.Request, way: Way, line: Line) -> StepView:
    tongue = language(request)
    text = request.app[RULES].terms.text(tongue, "entry_case", line.kind.partition(".")[2])
    places = [
        panel.name_en if tongue == "en" and panel.name_en else panel.name
        for key in _PANEL_KEYS
        if (panel := way.panels.get(str(line.codes.get(key)))) is not None
    ]
    return StepView(
        kind=line.kind,
        when=format_full_moment(line.at, zone=signed_in(request).zone, language=tongue),
        who=name_of(request, way.names.get(line.practitioner_id or "")),
        text=f"{text} · {' → '.join(places)}" if places else text,
        why=line.words.get("reason") or _reason(request, line),
    )


def _reason(request: web.Request, line: Line) -> str:
    """Why the clock did it, where nobody said a reason."""
    terms = request.app[RULES].terms
    return terms.text(language(request), "entry_reason", line.reason) if line.reason else ""

"""Urgent alerts as pages tell of them: a line before everybody they concern, a card on the case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from consult.access import policy
from consult.access.model import Action
from consult.cases.events import case_ref
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.duty import phones
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import service as reports
from consult.reports.alerts import service as alerts
from consult.reports.alerts.model import Alert, AlertCall, Escalation
from server.i18n import CHINESE, N_
from server.keys import LANGUAGES
from server.moments import format_moment
from server.requests import language, signed_in
from server.rules.rulebook import Rulebook

_LINE: Final = N_(
    "Urgent alert: case {number}, {time}. Not confirmed yet. In the hands of {owner}, {place}, "
    "telephone {phone}."
)
_MORE: Final = N_("And {n} more urgent alerts, which are older")
_UNKNOWN: Final = N_("Not stated")


class OpenAlertAnswer(BaseModel):
    """An open alert: a sentence without a word about the patient, and where it is confirmed.

    `location` is empty for whoever may not see the case.
    """

    alert_id: str
    sentence: str
    location: str


class OpenAlertsAnswer(BaseModel):
    """The alerts that stand before the reader now, the newest first; `more` tells of the rest."""

    alerts: list[OpenAlertAnswer]
    more: str


class AlertAnswer(BaseModel):
    """How an alert stands after an act."""

    alert_id: str
    state: str


@dataclass(frozen=True, slots=True)
class OpenLine:
    """What the line before everybody rests on."""

    alert: Alert
    owner: PersonName | None
    place: Institution
    phone: str
    may_open: bool


@dataclass(frozen=True, slots=True)
class OpenLines:
    """The newest lines, and how many more there are."""

    lines: Sequence[OpenLine]
    more: int


@dataclass(frozen=True, slots=True)
class AlertCard:
    """The card of a case's page: the newest alert, and all calls; `is_overtaken` by a version."""

    alert: Alert
    earlier: Sequence[Alert]
    steps: Sequence[Escalation]
    calls: Sequence[AlertCall]
    names: Mapping[str, PersonName]
    sides: Sequence[tuple[Institution, str]]
    places: Mapping[str, Institution]
    may_confirm: bool
    may_call: bool
    is_inviting: bool
    is_overtaken: bool


def list_lines(work: Work) -> OpenLines:
    """What stands before the reader."""
    found, count = alerts.list_before_actor(work)
    names = practitioners.names_of(work, {alert.owner_id for alert in found})
    lines = [_line(work, alert, names.get(alert.owner_id)) for alert in found]
    return OpenLines(lines, more=count - len(lines))


def _line(work: Work, alert: Alert, owner: PersonName | None) -> OpenLine:
    place = organisations.get_institution(work, alert.institution_id)
    may_open = policy.may_see(work.session, work.actor, case_ref(alert.case_id), now=work.now)
    return OpenLine(alert, owner, place, phones.phones_text(work, place), may_open)


def lines_as_json(request: web.Request, before: OpenLines) -> dict[str, object]:
    """The same in the reader's words."""
    more = request.app[LANGUAGES].text(language(request), _MORE).format(n=before.more)
    answer = OpenAlertsAnswer(
        alerts=[
            OpenAlertAnswer(
                alert_id=line.alert.id,
                sentence=_sentence(request, line),
                location=f"/cases/{line.alert.case_id}#alert" if line.may_open else "",
            )
            for line in before.lines
        ],
        more=more if before.more else "",
    )
    return answer.model_dump()


def make_part(work: Work, case: Case, rules: Rulebook) -> AlertCard | None:
    """The card; None where no report of the case was urgent, and for whoever may not know of it."""
    permits = rules.roles.permits
    if not permits(work.actor, Action.SEE_ALERT):
        return None
    found = alerts.list_of_case(work, case)
    if not found:
        return None
    newest, steps, calls = (
        found[0],
        alerts.list_steps(work, found[0]),
        alerts.list_calls(work, found),
    )
    people = {newest.owner_id, newest.ended_by_id or ""}
    people |= {step.person_id or "" for step in steps} | {call.caller_id for call in calls}
    both = [case.institution_id, case.invited_institution_id]
    sides = [organisations.get_institution(work, side) for side in both if side is not None]
    is_inviting = work.actor.institution_id == case.institution_id
    may_answer = newest.is_open and permits(work.actor, Action.ANSWER_ALERT)
    signed = [report.id for report in reports.list_reports(work, case.id)]
    return AlertCard(
        alert=newest,
        earlier=found[1:],
        steps=steps,
        calls=calls,
        names=practitioners.names_of(work, people),
        sides=[(side, phones.phones_text(work, side)) for side in sides],
        places={side.id: side for side in sides},
        may_confirm=may_answer and is_inviting,
        may_call=may_answer,
        is_inviting=is_inviting,
        is_overtaken=newest.is_open and newest.report_id in signed[1:],
    )


def _sentence(request: web.Request, line: OpenLine) -> str:
    tongue, owner, place = language(request), line.owner, line.place
    is_chinese = tongue == CHINESE
    name = "" if owner is None else owner.name if is_chinese else owner.name_en or owner.name
    return (
        request.app[LANGUAGES]
        .text(tongue, _LINE)
        .format(
            number=line.alert.number,
            time=format_moment(line.alert.raised_at, zone=signed_in(request).zone, language=tongue),
            owner=name,
            place=place.name if is_chinese else place.name_en or place.name,
            phone=line.phone or request.app[LANGUAGES].text(tongue, _UNKNOWN),
        )
    )

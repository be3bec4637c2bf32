"""The requesting physician's own reading on the case's page: its form, and what the expert said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from consult.access.model import Action
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.eyes import Eye
from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import service as reports
from consult.reports.own import service as own
from consult.reports.own.model import EyeSaid, OwnReading, Wait
from consult.reports.own.rules import OwnRules
from consult.reports.signed_marks import find_marks
from consult.reports.verify import content_of
from consult.reports.versions import Report
from server.i18n import N_
from server.keys import RULES
from server.rules.rulebook import Rulebook
from server.views.report_pictures import PaperPicture, Shown, find_shown, pictures_of
from server.views.report_words import Speech


@dataclass(frozen=True, slots=True)
class EyeLine:
    """One eye by both; without the expert's word while that is not open, or was not graded."""

    eye: str
    own: str
    expert: str
    differs: bool


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What the case's page has of it."""

    may_write: bool
    waits: Wait | None
    reading: OwnReading | None
    author: PersonName | None
    physician: PersonName | None
    report: Report | None
    shown: Sequence[Shown]
    lines: Sequence[EyeLine] = ()
    pictures: Sequence[PaperPicture] = ()

    def said_to(self, request: web.Request) -> "OwnPart":
        """Both readings eye by eye in the reader's words, with the pictures of the report."""
        if self.reading is None:
            return self
        speech, rules = Speech(request), request.app[RULES].own
        lines = lines_of(speech, self.reading, _body(self.report), rules=rules)
        return replace(self, lines=lines, pictures=pictures_of(speech, self.shown))


class EyeAnswer(BaseModel):
    """One eye of an own reading."""

    finding: str
    icdr: int | None


class OwnReadingAnswer(BaseModel):
    """The own reading of a case, where there is one; `waits` says that an opinion waits for it."""

    waits: bool
    author_id: str | None = None
    right: EyeAnswer | None = None
    left: EyeAnswer | None = None
    words: str = ""
    was_blind: bool = False
    locked_at: str | None = None


def make_part(work: Work, case: Case, rules: Rulebook) -> OwnPart | None:
    """The part of the page for the inviting side; None where nobody is asked to read first."""
    if case.submitted_at is None or case.institution_id != work.actor.institution_id:
        return None
    may_write = rules.roles.permits(work.actor, Action.WRITE_OWN_READING) and own.may_write(
        work, case, rules=rules.own
    )
    waits, reading = own.find_wait(work, case), own.find_reading(work, case)
    if not (may_write or waits or reading):
        return None
    versions = reports.list_reports(work, case.id)
    newest = versions[0] if versions and versions[0].is_opinion else None
    sees = rules.roles.permits(work.actor, Action.SEE_IMAGE) and reading is not None
    people = [
        each for each in (case.requesting_physician_id, reading and reading.author_id) if each
    ]
    names = practitioners.names_of(work, people)
    return OwnPart(
        may_write=may_write,
        waits=waits,
        reading=reading,
        author=None if reading is None else names.get(reading.author_id),
        physician=names.get(case.requesting_physician_id or ""),
        report=newest,
        shown=find_shown(work, content_of(newest), find_marks(work.session, newest.id))
        if newest is not None and sees
        else (),
    )


def lines_of(
    speech: Speech, reading: OwnReading, body: Mapping[str, Any] | None, *, rules: OwnRules
) -> list[EyeLine]:
    """Each eye that she read, beside what the expert says of it, and whether they differ."""
    found = []
    for eye in Eye:
        said = reading.said.eye(eye)
        if said is None:
            continue
        expert = None if body is None else rules.finding_of(body[eye.value])
        icdr = None if body is None else body[eye.value]["icdr"]
        told = None if expert is None else EyeSaid(expert, icdr)
        has_grades = said.icdr is not None and icdr is not None
        differs = told is not None and (
            told.finding is not said.finding or (has_grades and icdr != said.icdr)
        )
        found.append(EyeLine(eye.value, _eye_text(speech, said), _eye_text(speech, told), differs))
    return found


def find(work: Work, case_id: str) -> OwnReadingAnswer:
    """The own reading as data; of another side's case nothing."""
    case = cases.get_case(work, case_id)
    waits, reading = own.find_wait(work, case) is not None, own.find_reading(work, case)
    if reading is None:
        return OwnReadingAnswer(waits=waits)
    return OwnReadingAnswer(
        waits=waits,
        author_id=reading.author_id,
        right=_eye_answer(reading.said.right),
        left=_eye_answer(reading.said.left),
        words=reading.said.words,
        was_blind=reading.was_blind,
        locked_at=reading.locked_at.isoformat(),
    )


def _body(report: Report | None) -> Mapping[str, Any] | None:
    if report is None:
        return None
    content: Mapping[str, Any] = content_of(report)
    return content.get("body")


def _eye_answer(said: EyeSaid | None) -> EyeAnswer | None:
    return None if said is None else EyeAnswer(finding=said.finding.value, icdr=said.icdr)


def _eye_text(speech: Speech, said: EyeSaid | None) -> str:
    if said is None:
        return speech.say(N_("Not graded"))
    told = [speech.term("own_finding", said.finding)]
    if said.icdr is not None:
        told.append(speech.term("icdr", str(said.icdr)))
    return " · ".join(told)

"""The result notice (结果告知单): plain words in large print, from the structured report alone."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import BaseModel

from consult.calendar import service as calendar
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.referrals import service as referrals
from consult.reports.result_notice import service as result_notice
from consult.reports.result_notice.model import Next, NextSaid, NoticeWords
from consult.reports.result_notice.service import Notice, NoticeRules
from server.i18n import N_
from server.keys import LANGUAGES
from server.moments import format_day, format_promise
from server.requests import Audience, language


@dataclass(frozen=True, slots=True)
class Booked:
    """An appointment that the patient has: when and where."""

    starts_at: datetime
    place: Institution
    clinic_name: str
    clinic_name_en: str


@dataclass(frozen=True, slots=True)
class Found:
    """A notice with whom it is for, and whom she may call."""

    notice: Notice
    patient: Patient
    age: int
    place: Institution
    signed_on: date
    booked: Booked | None


@dataclass(frozen=True, slots=True)
class EyeText:
    """One eye in the reader's words."""

    eye: str
    sign: str
    label: str
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True)
class NoticeText:
    """One sheet in the reader's words; nothing in it was typed by anybody into the report."""

    case_id: str
    number: str
    patient: Patient
    age: int
    place: Institution
    place_name: str
    eyes: Sequence[EyeText]
    steps: Sequence[str]
    warnings: Sequence[str]
    limit: str
    reader: str
    signed_on: date
    is_void: bool


class NoticeAnswer(BaseModel):
    """The notice of one case as sentences, to be shown or read aloud."""

    case_id: str
    language: str
    sentences: list[str]


def find_one(work: Work, *, case_id: str, rules: NoticeRules) -> list[Found]:
    """The notice of one case; that it was printed is written down."""
    notice = result_notice.make_notice(work, case_id=case_id, rules=rules)
    result_notice.note_printed(work, [notice], words=rules.words)
    return _found(work, [notice])


def find_sentences(work: Work, *, case_id: str, rules: NoticeRules) -> list[Found]:
    """The notice of one case; that it was shown, and not printed, is written down."""
    notice = result_notice.make_notice(work, case_id=case_id, rules=rules)
    result_notice.note_shown(work, [notice], words=rules.words)
    return _found(work, [notice])


def find_all(
    work: Work, *, together: bool, rules: NoticeRules, chosen: Collection[str] | None = None
) -> list[Found]:
    """The notices that wait, or the chosen of them; that each was printed is written down."""
    notices = result_notice.list_notices(work, together=together, rules=rules, chosen=chosen)
    result_notice.note_printed(work, notices, words=rules.words)
    return _found(work, notices)


def write_notice(reader: Audience, found: Found, words: NoticeWords) -> NoticeText:
    """One sheet in the reader's language."""
    tongue, notice = language(reader), found.notice
    content = notice.content
    return NoticeText(
        case_id=notice.case.id,
        number=notice.case.number,
        patient=found.patient,
        age=found.age,
        place=found.place,
        place_name=_local(tongue, found.place.name, found.place.name_en),
        eyes=[
            EyeText(
                eye=each.eye.value,
                sign=each.sign.value,
                label=words.sign[each.sign].said_in(tongue),
                sentences=[sentence.said_in(tongue) for sentence in each.sentences],
            )
            for each in notice.eyes
        ],
        steps=_steps(tongue, found, words),
        warnings=[each.said_in(tongue) for each in words.warnings],
        limit=words.next[Next.LIMIT].said_in(tongue),
        reader=_reader(reader, content),
        signed_on=found.signed_on,
        is_void=any(step.code is Next.VOID for step in notice.steps),
    )


def read_aloud(reader: Audience, text: NoticeText) -> list[str]:
    """The sheet sentence by sentence."""
    say = _translator(reader)
    eyes = {"right": say(N_("Right eye")), "left": say(N_("Left eye"))}
    colon = "：" if language(reader).startswith("zh") else ": "
    said = [f"{eyes[each.eye]}{colon}{' '.join(each.sentences)}" for each in text.eyes]
    return [*said, *text.steps, *text.warnings, text.limit]


def _found(work: Work, notices: Sequence[Notice]) -> list[Found]:
    people = patients.patients_by_id(work, {each.case.patient_id for each in notices})
    return [
        Found(
            notice=each,
            patient=patient,
            age=patient.age_on(place.local_day(work.now)),
            place=place,
            signed_on=place.local_day(each.report.signed_at),
            booked=_booked(work, each),
        )
        for each in notices
        if (patient := people.get(each.case.patient_id)) is not None
        for place in [organisations.get_institution(work, each.case.institution_id)]
    ]


def _booked(work: Work, notice: Notice) -> Booked | None:
    for referral in referrals.list_referrals(work, notice.case.id)[:1]:
        newest = referrals.find_appointment(work, referral)
        if newest is not None and newest.is_coming:
            clinic = calendar.clinics_by_id(work, [newest.clinic_id])[newest.clinic_id]
            return Booked(
                newest.starts_at,
                organisations.get_institution(work, clinic.institution_id),
                clinic.facts.name,
                clinic.facts.name_en,
            )
    return None


def _steps(tongue: str, found: Found, words: NoticeWords) -> list[str]:
    booked, steps = found.booked, list(found.notice.steps)
    if booked is None:
        return [_say(tongue, step, words) for step in steps]
    place = _local(tongue, booked.place.name, booked.place.name_en)
    clinic = _local(tongue, booked.clinic_name, booked.clinic_name_en)
    time = format_promise(booked.starts_at, zone=found.place.zone, language=tongue)
    first = words.next[Next.BOOKED].said_in(tongue).format(time=time, place=f"{place} {clinic}")
    return [first, *(_say(tongue, step, words) for step in steps if step.code is not Next.SEE)]


def _say(tongue: str, step: NextSaid, words: NoticeWords) -> str:
    text = words.next[step.code].said_in(tongue)
    return text if step.day is None else text.format(day=format_day(step.day, language=tongue))


def _reader(reader: Audience, content: object) -> str:
    """Who read the photographs and where, as the report names them."""
    if not isinstance(content, dict):
        return ""
    tongue = language(reader)
    author, place = content["author"], content["invited"]
    name = _local(tongue, author["name"], author["name_en"])
    return f"{_local(tongue, place['name'], place['name_en'])} {name}"


def _local(tongue: str, name: str, name_en: str) -> str:
    return name if tongue.startswith("zh") else name_en or name


def _translator(reader: Audience) -> Callable[[str], str]:
    return reader.app[LANGUAGES].translator(language(reader))

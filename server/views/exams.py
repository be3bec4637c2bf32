"""Earlier exams on the page of a case: offered, used, or repeated with a reason (IMG-12)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aiohttp import web
from pydantic import BaseModel

from consult.access import policy
from consult.access.model import Action, ObjectType, Ref
from consult.cases.model import Case
from consult.cases.recognition import service as recognition
from consult.cases.recognition.model import Exam, Picture, Recognition, Repeat
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.studies import service as studies
from consult.studies.model import Instance
from server.i18n import ENGLISH, N_
from server.moments import format_full_moment
from server.requests import language, signed_in
from server.rules.rulebook import Rulebook
from server.views.image_words import fill, say, term
from server.views.pictures import urls_of
from server.views.timeline import name_of


class ExamView(BaseModel):
    """One earlier exam: when, where, by whom, what, how good; its pictures where they are open."""

    id: str
    kind: str
    kind_text: str
    place: str
    taken_text: str
    by_text: str
    pictures_text: str
    quality_text: str
    is_used: bool
    is_open: bool
    thumbnails: list[str]


class RepeatView(BaseModel):
    """Why an exam is taken again."""

    kind: str
    kind_text: str
    reason: str
    reason_text: str
    note: str
    who: str


class ExamsView(BaseModel):
    """The card of a case."""

    case_id: str
    is_editable: bool
    exams: list[ExamView]
    repeats: list[RepeatView]
    kinds: list[str]

    def of_kind(self, kind: str) -> list[ExamView]:
        """The exams of one kind."""
        return [exam for exam in self.exams if exam.kind == kind]

    def repeat_of(self, kind: str) -> RepeatView | None:
        """Why this kind is taken again, if that was said."""
        return next((each for each in self.repeats if each.kind == kind), None)


@dataclass(frozen=True, slots=True)
class Line:
    """An exam that was offered, as it counts now; `exam` is None where it counts no more."""

    recognition: Recognition
    exam: Exam | None
    shown: Sequence[Instance]


@dataclass(frozen=True, slots=True)
class Found:
    """What one unit found."""

    case: Case
    is_editable: bool
    lines: Sequence[Line]
    repeats: Sequence[Repeat]
    places: Mapping[str, Institution]
    names: Mapping[str, PersonName]

    def said_to(self, request: web.Request) -> ExamsView:
        """The card in the reader's words, and the same as JSON."""
        exams = [_exam(request, self, line) for line in self.lines]
        return ExamsView(
            case_id=self.case.id,
            is_editable=self.is_editable,
            exams=exams,
            repeats=[_repeat(request, self, each) for each in self.repeats],
            kinds=list(dict.fromkeys(exam.kind for exam in exams)),
        )


def make_part(work: Work, case: Case, rules: Rulebook) -> Found | None:
    """Of a sent case, the exams on which it rests and the reasons that counted."""
    if not rules.roles.permits(work.actor, Action.SEE_IMAGE):
        return None
    used = [each for each in recognition.list_recognitions(work, case.id) if each.is_used]
    repeats = [each for each in recognition.list_repeats(work, case.id) if each.counted_at]
    if not (used or repeats):
        return None
    return _found(work, case, [Line(each, None, ()) for each in used], repeats, is_editable=False)


def make_offer(work: Work, case: Case, rules: Rulebook, exams: Sequence[Exam]) -> Found | None:
    """Of an open case, every exam that counts for it now, and those that it uses."""
    by_key = {exam.key: exam for exam in exams}
    lines = [
        Line(each, exam, () if exam is None else _shown(work, rules, exam))
        for each in recognition.list_recognitions(work, case.id)
        if (exam := by_key.get(each.key)) is not None or each.is_used
    ]
    repeats = recognition.list_repeats(work, case.id)
    return _found(work, case, lines, repeats, is_editable=True) if lines else None


def gather(work: Work, case: Case, rules: Rulebook, exams: Sequence[Exam]) -> Found:
    """The same for a door that always answers."""
    return make_offer(work, case, rules, exams) or _found(work, case, (), (), is_editable=True)


def _found(
    work: Work, case: Case, lines: Sequence[Line], repeats: Sequence[Repeat], *, is_editable: bool
) -> Found:
    places = {line.recognition.source_institution_id for line in lines}
    people = {each.by_id for each in repeats}
    people |= {line.exam.source.by_id for line in lines if line.exam and line.exam.source.by_id}
    return Found(
        case=case,
        is_editable=is_editable,
        lines=lines,
        repeats=repeats,
        places={each: organisations.get_institution(work, each) for each in sorted(places)},
        names=practitioners.names_of(work, people),
    )


def _shown(work: Work, rules: Rulebook, exam: Exam) -> list[Instance]:
    """The exam's pictures, as far as policy shows their studies to the actor."""
    if not rules.roles.permits(work.actor, Action.SEE_IMAGE):
        return []
    open_ones = [each.instance_id for each in exam.pictures if _is_open(work, each)]
    found = studies.list_instances(work, open_ones)
    return [found[each] for each in open_ones if each in found]


def _is_open(work: Work, picture: Picture) -> bool:
    ref = Ref(ObjectType.STUDY, picture.study_id)
    return policy.may_see(work.session, work.actor, ref, now=work.now)


def _exam(request: web.Request, found: Found, line: Line) -> ExamView:
    told, exam = line.recognition, line.exam
    place, tongue = found.places[told.source_institution_id], language(request)
    taken_at = told.taken_at if exam is None else exam.taken_at
    by = None if exam is None else found.names.get(exam.source.by_id or "")
    return ExamView(
        id=told.id,
        kind=told.kind,
        kind_text=term(request, "exam_kind", told.kind),
        place=place.name_en if tongue == ENGLISH and place.name_en else place.name,
        taken_text=format_full_moment(taken_at, zone=signed_in(request).zone, language=tongue),
        by_text=name_of(request, by),
        pictures_text="" if exam is None else _pictures_text(request, exam),
        quality_text="" if exam is None else _quality_text(request, exam),
        is_used=told.is_used,
        is_open=bool(line.shown),
        thumbnails=[urls_of(each, institution_code=place.code).thumbnail for each in line.shown],
    )


def _pictures_text(request: web.Request, exam: Exam) -> str:
    named = [
        " ".join(
            term(request, group, code)
            for group, code in (("eye", each.eye), ("field_code", each.field))
            if code is not None
        )
        for each in exam.pictures
    ]
    comma = "; " if language(request) == ENGLISH else "；"
    return comma.join(dict.fromkeys(name for name in named if name))


def _quality_text(request: web.Request, exam: Exam) -> str:
    """What the reader said of these pictures; an eye that she could not grade is not offered."""
    if exam.reading is None:
        return say(request, N_("Not read yet"))
    tongue = language(request)
    day = format_full_moment(exam.reading.signed_at, zone=signed_in(request).zone, language=tongue)
    if exam.reading.ungradable:
        return fill(request, N_("Read {when}: the other eye was not gradable"), when=day)
    return fill(request, N_("Read {when}: gradable"), when=day)


def _repeat(request: web.Request, found: Found, repeat: Repeat) -> RepeatView:
    return RepeatView(
        kind=repeat.kind,
        kind_text=term(request, "exam_kind", repeat.kind),
        reason=repeat.reason,
        reason_text=term(request, "repeat_reason", repeat.reason),
        note=repeat.note,
        who=name_of(request, found.names.get(repeat.by_id)),
    )

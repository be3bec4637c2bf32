"""Earlier exams of a patient: shown when the same is asked for, used, or repeated for a reason."""

from collections.abc import Iterable, Sequence

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.cases.drafts import LONGEST_REASON
from consult.cases.events import case_entry
from consult.cases.images import service as images
from consult.cases.images import store as image_store
from consult.cases.images.model import CaseImage
from consult.cases.images.store import Recognised
from consult.cases.model import Case
from consult.cases.recognition import ending, store
from consult.cases.recognition.ending import grant_reason
from consult.cases.recognition.errors import ExamInUseError, ExamNotOfferedError
from consult.cases.recognition.finding import (
    find_exams,
    hold_both_consents,
    repeated_kinds,
)
from consult.cases.recognition.model import Book, Exam, Recognition, Repeat
from consult.cases.recognition.tables import RecognitionRow, RepeatRow
from consult.journal.rows import kept
from consult.kernel.errors import Fact, FieldProblem, RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Entry, Work


def offer_exams(work: Work, case: Case, *, book: Book) -> list[Exam]:
    """The valid exams for which an open case asks; who is shown one for the first time is kept."""
    exams = find_exams(work, case, book=book)
    known = {each.key for each in store.list_of_case(work.session, case.id)}
    for exam in exams:
        if exam.key not in known:
            _offer(work, case, exam)
    return exams


def list_recognitions(work: Work, case_id: str) -> list[Recognition]:
    """The exams that were offered to a case, for a stage that has asked the policy about it."""
    return store.list_of_case(work.session, case_id)


def closed_images(work: Work, case_id: str, found: Iterable[CaseImage]) -> frozenset[str]:
    """Which of a case's pictures stand on record alone: what they rest on is shared no more."""
    recognised = [image for image in found if image.row.is_recognised]
    if not recognised:
        return frozenset()
    used = {each.id for each in store.list_of_case(work.session, case_id) if each.is_used}
    return frozenset(image.id for image in recognised if image.row.recognition_id not in used)


def list_repeats(work: Work, case_id: str) -> list[Repeat]:
    """Why exams are taken again for a case; policy is the caller's question."""
    return store.list_repeats(work.session, case_id)


def use_exam(work: Work, *, case_id: str, recognition_id: str, book: Book) -> Recognition:
    """Let a case rest on an earlier exam: its pictures stand there, and their bytes stay.

    The institution sees them from now on, and the invited one once the case is sent. Raises
    ExamNotOfferedError where the exam counts no more, ExamInUseError for a second press.
    """
    case = images.get_own_case(work, case_id)
    wanted = _get(work, case.id, recognition_id)
    hold_both_consents(work, case, source_case_id=wanted.source_case_id)
    case = images.get_open_case(work, case.id)
    wanted = _get(work, case.id, recognition_id)
    if wanted.is_used:
        raise ExamInUseError
    exam = next((e for e in find_exams(work, case, book=book) if e.key == wanted.key), None)
    if exam is None:
        raise ExamNotOfferedError
    _let_stand(work, case, wanted, exam)
    store.change_recognition(
        work.session,
        wanted.id,
        used_at=work.now,
        used_by=work.actor.person,
        ended_at=None,
        ended_why=None,
    )
    codes: dict[str, Fact] = {
        "recognition": wanted.id,
        "kind": exam.kind,
        "source_case": exam.source.case_id,
        "source_institution": exam.source.institution_id,
        "pictures": len(exam.pictures),
        "rules": book.rules.version,
        **kept(work, RecognitionRow, wanted.id),
    }
    work.journal(case_entry(case, "recognition.used", codes=codes))
    _tell_source(work, case, exam)
    return _get(work, case.id, wanted.id)


def give_up_exam(work: Work, *, case_id: str, recognition_id: str) -> Recognition:
    """Do without an exam that was used; raises ExamNotOfferedError where it is not in use."""
    case = images.get_open_case(work, case_id)
    known = _get(work, case.id, recognition_id)
    if not known.is_used:
        raise ExamNotOfferedError
    ending.give_up(work, case, known)
    return _get(work, case.id, known.id)


def say_repeat(
    work: Work, *, case_id: str, kind: str, reason: str, note: str, book: Book
) -> Repeat:
    """Say why an exam is taken again although a valid one exists."""
    case = images.get_open_case(work, case_id)
    words = note.strip()
    if kind not in {exam.kind for exam in find_exams(work, case, book=book)}:
        raise ExamNotOfferedError
    if reason not in book.rules.repeat_reasons:
        raise RefusedError(
            "repeat-needs-reason" if not reason else "field-not-a-choice", field="reason"
        )
    if reason in book.rules.needs_note and not words:
        raise RefusedError("field-missing", field="note")
    if len(words) > LONGEST_REASON:
        raise RefusedError("field-too-long", field="note", limit=LONGEST_REASON)
    row = RepeatRow(
        id=new_id(),
        case_id=case.id,
        kind=kind,
        reason=reason,
        note=words,
        by_id=work.actor.person,
        said_at=work.now,
    )
    repeat_id = store.save_repeat(work.session, row)
    codes: dict[str, Fact] = {"kind": kind, "reason": reason, "rules": book.rules.version}
    codes |= kept(work, RepeatRow, repeat_id)
    said = {"reason": words} if words else {}
    work.journal(case_entry(case, "recognition.repeated", codes=codes, words=said))
    return next(each for each in store.list_repeats(work.session, case.id) if each.kind == kind)


def repeat_problems(
    work: Work, case: Case, *, exams: Sequence[Exam], book: Book
) -> list[FieldProblem]:
    """The kinds that a case takes again without having said why."""
    said = {each.kind for each in store.list_repeats(work.session, case.id)} if exams else set()
    open_ones = repeated_kinds(work, case, exams=exams, book=book) - said if exams else set()
    return [
        FieldProblem(
            f"recognition.{kind}", "repeat-needs-reason", {"kind": f"term:exam_kind.{kind}"}
        )
        for kind in sorted(open_ones)
    ]


def count_repeats(work: Work, case: Case, *, book: Book) -> dict[str, str]:
    """At a submission: which reasons were really needed is kept, for the count and the journal."""
    said = store.list_repeats(work.session, case.id)
    if not said:
        return {}
    exams = find_exams(work, case, book=book)
    repeated = repeated_kinds(work, case, exams=exams, book=book)
    for each in said:
        counted_at = work.now if each.kind in repeated else None
        store.change_repeat(work.session, each.id, counted_at=counted_at)
    return kept(work, RepeatRow, *(each.id for each in said))


def _offer(work: Work, case: Case, exam: Exam) -> None:
    row = RecognitionRow(
        id=new_id(),
        case_id=case.id,
        kind=exam.kind,
        source_case_id=exam.source.case_id,
        source_institution_id=exam.source.institution_id,
        taken_at=exam.taken_at,
        offered_at=work.now,
    )
    offered = store.save_offer(work.session, row)
    codes = {
        "recognition": offered.id,
        "kind": exam.kind,
        "source_case": exam.source.case_id,
        "source_institution": exam.source.institution_id,
        **kept(work, RecognitionRow, offered.id),
    }
    work.journal(case_entry(case, "recognition.offered", codes=codes))


def _let_stand(work: Work, case: Case, wanted: Recognition, exam: Exam) -> None:
    for picture in exam.pictures:
        told = Recognised(wanted.id, picture.instance_id, picture.eye, picture.field)
        image_store.save_recognised(work, told, case_id=case.id)
    if exam.source.institution_id == case.institution_id:
        return
    for study_id in sorted({picture.study_id for picture in exam.pictures}):
        access.grant(
            work,
            Ref(ObjectType.STUDY, study_id),
            to=(Party.INSTITUTION, case.institution_id),
            why=grant_reason(wanted),
        )


def _tell_source(work: Work, case: Case, exam: Exam) -> None:
    """The institution that took the exam reads in its own case who rests on it."""
    work.journal(
        Entry(
            "recognition.lent",
            ObjectType.CASE,
            exam.source.case_id,
            codes={"kind": exam.kind, "to_institution": case.institution_id},
            case_id=exam.source.case_id,
            patient_id=exam.source.patient_id,
        )
    )


def _get(work: Work, case_id: str, recognition_id: str) -> Recognition:
    for each in store.list_of_case(work.session, case_id):
        if each.id == recognition_id:
            return each
    raise ExamNotOfferedError

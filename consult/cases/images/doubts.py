"""Doubts about whose images these are: raised once a set, kept until a person answers (U1)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from consult.cases.images import question_store as store
from consult.cases.images import store as image_store
from consult.cases.images.model import (
    ImageQuestion,
    ImageRow,
    ImageRules,
    QuestionKind,
)
from consult.cases.images.names import names_agree
from consult.cases.images.tables import ImageQuestionRow, PatientOpeningRow
from consult.cases.images.windows import Opening, doubt_about, windows_of
from consult.cases.model import Case
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import CaseId, PractitionerId, new_id
from consult.kernel.work import Entry, Work
from consult.people.patients import service as patients
from consult.studies.model import CapturedSource, Instance, Origin

_DETAIL = "image_questions.detail"
_TRUSTED = frozenset({CapturedSource.EXIF, CapturedSource.DICOM})
_SAME_OPENING = timedelta(minutes=1)


def note_opening(work: Work, case: Case) -> None:
    """Remember that this patient is the current one; the same page twice is one opening."""
    last = store.find_last_opening(work.session, case.institution_id)
    if last is not None and last.case_id == case.id and work.now - last.at < _SAME_OPENING:
        return
    opening = PatientOpeningRow(
        id=new_id(),
        institution_id=case.institution_id,
        patient_id=case.patient_id,
        case_id=case.id,
        at=work.now,
    )
    store.save_row(work.session, opening)


def raise_doubts(
    work: Work,
    case: Case,
    instance: Instance,
    *,
    rules: ImageRules,
    clock_offset_s: int,
    is_again: bool = False,
) -> list[str]:
    """The ids of the questions that this image raises for its case, new or asked already.

    An answer does not outlast the images that it was given for, nor an image that `is_again` here.
    """
    captured = instance.description.captured
    at = captured.at if captured.source in _TRUSTED else None
    if at is not None:
        at += timedelta(seconds=clock_offset_s)
    found = [_doubt_name(work, case, instance), _doubt_time(work, case, at, rules)]
    doubts = [doubt for doubt in found if doubt is not None]
    return [_ask(work, case, doubt, is_again=is_again) for doubt in doubts]


def list_questions(work: Work, case_id: str, rows: Iterable[ImageRow]) -> list[ImageQuestion]:
    """The questions that present images raise, in the order in which they were asked."""
    counts: dict[str, int] = {}
    for image in rows:
        for question_id in image.question_ids:
            counts[question_id] = counts.get(question_id, 0) + 1
    asked = store.list_questions(work.session, case_id)
    return [_as_question(work, row, counts[row.id]) for row in asked if row.id in counts]


def save_answer(work: Work, case: Case, *, question_id: str, note: str) -> ImageQuestion | None:
    """A person says that the images are this patient's; None when it was answered already.

    Both names are written into the journal's words.
    """
    row = store.find_question(work.session, question_id)
    if row is None or row.case_id != case.id:
        raise NotFoundError
    by = work.actor.practitioner_id
    if not store.save_answered(work.session, question_id, at=work.now, by=by):
        return None
    question = _as_question(work, row, 0)
    words = {"banner": question.banner_name, "named": question.named_name, "note": note}
    _journal(work, case, "image.question_answered", question.kind, question_id, words)
    return question


@dataclass(frozen=True, slots=True)
class _Doubt:
    """What is asked; `subject` keeps the same doubt from being asked twice."""

    kind: QuestionKind
    subject: str
    words: Mapping[str, str]
    captured_at: datetime | None


def _doubt_name(work: Work, case: Case, instance: Instance) -> _Doubt | None:
    told = instance.description
    if told.origin is not Origin.DICOM or not told.named_name:
        return None
    patient = patients.get_patient(work, case.patient_id)
    if names_agree(told.named_name, patient_name=patient.name):
        return None
    subject = work.vault.blind(told.named_name, purpose=_DETAIL)
    words = {"banner": patient.name, "named": told.named_name}
    return _Doubt(QuestionKind.OTHER_NAME, subject, words, told.captured.at)


def _doubt_time(work: Work, case: Case, at: datetime | None, rules: ImageRules) -> _Doubt | None:
    if at is None:
        return None
    found = store.list_openings(work.session, institution_id=case.institution_id, around=at)
    # the draft itself was opened once, be it by a program that shows no page
    begun = Opening(case.patient_id, case.opened_at)
    openings = sorted([*found, begun], key=lambda opening: opening.at)
    doubt = doubt_about(
        windows_of(openings, longest_min=rules.longest_window_min),
        at,
        patient_id=case.patient_id,
        own_window_min=rules.own_window_min,
    )
    if doubt is None:
        return None
    kind, other_id = doubt
    known = patients.patients_by_id(work, [case.patient_id, *([other_id] if other_id else [])])
    words = {"banner": known[case.patient_id].name, "named": ""}
    if other_id in known:
        words["named"] = known[other_id].name
    subject = other_id or at.date().isoformat()
    return _Doubt(kind, subject, words, at)


def _ask(work: Work, case: Case, doubt: _Doubt, *, is_again: bool) -> str:
    known = store.find_asked(work.session, case_id=case.id, kind=doubt.kind, subject=doubt.subject)
    if known is None:
        question_id = new_id()
        store.save_row(work.session, _as_row(work, case, doubt, question_id))
    elif known.answered_at is not None and (is_again or not _is_raised(work, case, known.id)):
        question_id = known.id
        store.ask_again(work.session, question_id, at=work.now)
    else:
        return known.id
    _journal(work, case, "image.question_raised", doubt.kind, question_id, doubt.words)
    return question_id


def _is_raised(work: Work, case: Case, question_id: str) -> bool:
    """Whether an image that stands raises it."""
    standing = image_store.list_images(work, case.id)
    return any(question_id in image.question_ids for image in standing)


def _as_row(work: Work, case: Case, doubt: _Doubt, question_id: str) -> ImageQuestionRow:
    return ImageQuestionRow(
        id=question_id,
        case_id=case.id,
        kind=doubt.kind,
        subject=doubt.subject,
        detail_sealed=work.vault.seal(json.dumps(dict(doubt.words)), purpose=_DETAIL),
        captured_at=doubt.captured_at,
        asked_at=work.now,
    )


def _journal(
    work: Work,
    case: Case,
    entry_kind: str,
    kind: QuestionKind,
    question_id: str,
    words: Mapping[str, str],
) -> None:
    work.journal(
        Entry(
            entry_kind,
            "image_question",
            question_id,
            codes={"kind": kind},
            words={name: text for name, text in words.items() if text},
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )


def _as_question(work: Work, row: ImageQuestionRow, image_count: int) -> ImageQuestion:
    detail = json.loads(work.vault.open(row.detail_sealed, purpose=_DETAIL))
    return ImageQuestion(
        id=row.id,
        case_id=CaseId(row.case_id),
        kind=row.kind,
        banner_name=detail["banner"],
        named_name=detail["named"],
        captured_at=row.captured_at,
        image_count=image_count,
        answered_by=None if row.answered_by is None else PractitionerId(row.answered_by),
        answered_at=row.answered_at,
    )

"""Which earlier exams count for a case today, and which of them its own pictures repeat."""

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from consult.cases import store as case_store
from consult.cases.consent_rules import ConsentItem
from consult.cases.consents import service as consents
from consult.cases.images import service as images
from consult.cases.images.model import CaseImage
from consult.cases.model import Case
from consult.cases.recognition import store
from consult.cases.recognition.model import (
    Book,
    Exam,
    Picture,
    Reading,
    RecognitionRules,
    Source,
    is_valid,
    repeats,
)
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import InstitutionId, PatientId
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients.records import list_records

_A_DAY_MORE = timedelta(days=2)
"""Zones differ by at most so much: the search takes more, the rule decides."""


def find_exams(work: Work, case: Case, *, book: Book) -> list[Exam]:
    """Every valid exam for which the case asks, the newest first.

    Of other institutions nothing is told before the patient has agreed here to sharing (tick ②)
    and only while what she signed there holds.
    """
    sources = _sources(work, case, book.rules)
    if not sources:
        return []
    kinds = book.rules.asks[case.service_type] | _kinds_taken(work, case, book.rules)
    readings = book.readings_of(work, [each.case_id for each in sources])
    found = [
        exam
        for source in sources
        for exam in _exams(work, case, source, readings.get(source.case_id), book=book)
        if exam.kind in kinds
    ]
    return sorted(found, key=lambda exam: (exam.taken_at, exam.source.case_id), reverse=True)


def repeated_kinds(work: Work, case: Case, *, exams: Collection[Exam], book: Book) -> set[str]:
    """The kinds of which the case has pictures that take a valid exam again."""
    held = _own_images(work, case)
    return {
        exam.kind
        for exam in exams
        for own in held
        if _kind(own, book.rules) == exam.kind and repeats(own, exam, book.rules.kinds[exam.kind])
    }


def _own_images(work: Work, case: Case) -> list[CaseImage]:
    found = images.list_case_images(work, case.id)
    return [image for image in found if not image.row.is_recognised and image.instance.has_picture]


def _kind(image: CaseImage, rules: RecognitionRules) -> str | None:
    return rules.kind_of(image.instance.description.sop_class_uid, image.field)


def _kinds_taken(work: Work, case: Case, rules: RecognitionRules) -> set[str]:
    return {kind for own in _own_images(work, case) if (kind := _kind(own, rules)) is not None}


def _sources(work: Work, case: Case, rules: RecognitionRules) -> list[Source]:
    records: Mapping[PatientId, InstitutionId] = list_records(
        work, case.patient_id, consortium_id=case.consortium_id
    )
    if len(records) > 1 and not has_agreed(work, case.patient_id, case.id, case.institution_id):
        records = {case.patient_id: case.institution_id}
    found = store.list_sources(
        work.session,
        patient_ids=records,
        consortium_id=case.consortium_id,
        besides=case.id,
        since=work.now - timedelta(days=rules.longest_days) - _A_DAY_MORE,
    )
    return [
        each
        for each in found
        if each.institution_id == case.institution_id
        or has_agreed(work, each.patient_id, each.case_id, each.institution_id)
    ]


def has_agreed(work: Work, patient_id: str, case_id: str, institution_id: str) -> bool:
    """Whether the patient's sharing tick (②) holds for this case today, at its own institution."""
    today = organisations.today_at(work, institution_id)
    live = consents.live_consent(work, patient_id=patient_id, case_id=case_id, on=today)
    return live is not None and ConsentItem.DATA_SHARING in live.consent.items


def hold_both_consents(work: Work, case: Case, *, source_case_id: str) -> Case:
    """Both records' consents, in one order: none is withdrawn while a case begins to rest on it.

    Returns the other case, for a stage that knows what it may tell of it.
    """
    source = case_store.find_case(work, source_case_id)
    if source is None:
        raise NotFoundError
    for patient_id in sorted({case.patient_id, source.patient_id}):
        consents.hold_consents(work, patient_id=patient_id)
    return source


def _exams(
    work: Work, case: Case, source: Source, reading: Reading | None, *, book: Book
) -> Iterator[Exam]:
    taken_in = organisations.get_institution(work, source.institution_id).zone
    asked_in = organisations.get_institution(work, case.institution_id).zone
    by_kind: dict[str, list[Picture]] = {}
    for picture in source.pictures:
        kind = book.rules.kind_of(picture.sop_class_uid, picture.field)
        if kind is None or (reading is not None and picture.eye in reading.ungradable):
            continue
        days = book.rules.kinds[kind].days
        if is_valid(
            picture.taken_at, taken_in=taken_in, now=work.now, asked_in=asked_in, days=days
        ):
            by_kind.setdefault(kind, []).append(picture)
    for kind, pictures in by_kind.items():
        yield Exam(kind, source, tuple(pictures), reading)

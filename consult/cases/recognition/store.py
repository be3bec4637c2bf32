"""The only SQL of mutual recognition."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from consult.cases.images.tables import CaseImageRow
from consult.cases.model import CaseStatus
from consult.cases.recognition.model import Picture, Recognition, Repeat, Source
from consult.cases.recognition.tables import RecognitionRow, RepeatRow
from consult.cases.tables import CaseRow
from consult.kernel.ids import (
    CaseId,
    InstanceId,
    InstitutionId,
    PatientId,
    PractitionerId,
    StudyId,
)
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow

MOST_PICTURES: Final = 500
MOST_EXAMS: Final = 100
_NOT_COUNTED: Final = (
    *(CaseStatus.DRAFT, CaseStatus.RETURNED, CaseStatus.CANCELLED, CaseStatus.WITHDRAWN),
    *(CaseStatus.REJECTED, CaseStatus.EXPIRED),
)
"""Cases whose pictures are not done yet, or were taken back."""


def list_sources(
    session: Session,
    *,
    patient_ids: Collection[str],
    consortium_id: str,
    besides: str,
    since: datetime,
) -> list[Source]:
    """These patients' sent cases of one consortium with the confirmed pictures that still hold.

    The newest come first. `since` is a bound of the search, and not the rule: what was taken after
    it was received after it.
    """
    statement = (
        select(CaseRow, CaseImageRow, InstanceRow, SeriesRow.study_id)
        .join(CaseImageRow, CaseImageRow.case_id == CaseRow.id)
        .join(InstanceRow, InstanceRow.id == CaseImageRow.instance_id)
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_id)
        .join(StudyRow, StudyRow.id == SeriesRow.study_id)
        .where(
            CaseRow.patient_id.in_(sorted(patient_ids)),
            CaseRow.consortium_id == consortium_id,
            CaseRow.id != besides,
            CaseRow.status.not_in(_NOT_COUNTED),
            CaseImageRow.removed_at.is_(None),
            CaseImageRow.replaced_at.is_(None),
            CaseImageRow.confirmed_at.is_not(None),
            CaseImageRow.recognition_id.is_(None),
            InstanceRow.withdrawn_at.is_(None),
            InstanceRow.picture_reason.is_(None),
            StudyRow.patient_id == CaseRow.patient_id,
            InstanceRow.received_at >= since,
        )
        .order_by(InstanceRow.received_at.desc(), CaseImageRow.id)
        .limit(MOST_PICTURES)
    )
    found: dict[str, tuple[CaseRow, list[Picture]]] = {}
    for case, image, instance, study_id in session.execute(statement):
        found.setdefault(case.id, (case, []))[1].append(_picture(image, instance, study_id))
    return [_source(case, pictures) for case, pictures in found.values()]


def save_offer(session: Session, row: RecognitionRow) -> Recognition:
    """Write down that an exam was shown."""
    session.add(row)
    session.flush()
    return _recognition(row)


def list_of_case(session: Session, case_id: str) -> list[Recognition]:
    """The exams that were offered to a case, the newest exam first."""
    statement = (
        select(RecognitionRow)
        .where(RecognitionRow.case_id == case_id)
        .order_by(RecognitionRow.taken_at.desc(), RecognitionRow.id)
        .limit(MOST_EXAMS)
        .execution_options(populate_existing=True)
    )
    return [_recognition(row) for row in session.scalars(statement)]


def list_used_of_source(session: Session, source_case_id: str) -> list[Recognition]:
    """Where the pictures of a case stand by recognition."""
    statement = (
        select(RecognitionRow)
        .where(
            RecognitionRow.source_case_id == source_case_id,
            RecognitionRow.used_at.is_not(None),
            RecognitionRow.ended_at.is_(None),
        )
        .order_by(RecognitionRow.case_id, RecognitionRow.id)
        .limit(MOST_EXAMS)
    )
    return [_recognition(row) for row in session.scalars(statement)]


def change_recognition(session: Session, recognition_id: str, **values: Any) -> None:
    """Write these columns of a recognition."""
    session.execute(
        update(RecognitionRow)
        .where(RecognitionRow.id == recognition_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def list_images_by(session: Session, recognition_id: str) -> list[tuple[str, str]]:
    """Image and study of the pictures that stand in a case by this recognition."""
    statement = (
        select(CaseImageRow.id, SeriesRow.study_id)
        .join(InstanceRow, InstanceRow.id == CaseImageRow.instance_id)
        .join(SeriesRow, SeriesRow.id == InstanceRow.series_id)
        .where(
            CaseImageRow.recognition_id == recognition_id,
            CaseImageRow.removed_at.is_(None),
        )
        .order_by(CaseImageRow.id)
        .limit(MOST_PICTURES)
    )
    return [(image, study) for image, study in session.execute(statement)]


def own_studies(session: Session, case_id: str) -> set[str]:
    """The studies in which a case's own pictures lie."""
    statement = (
        select(SeriesRow.study_id)
        .join(InstanceRow, InstanceRow.series_id == SeriesRow.id)
        .join(CaseImageRow, CaseImageRow.instance_id == InstanceRow.id)
        .where(CaseImageRow.case_id == case_id, CaseImageRow.recognition_id.is_(None))
        .distinct()
        .limit(MOST_PICTURES)
    )
    return set(session.scalars(statement))


def list_repeats(session: Session, case_id: str) -> list[Repeat]:
    """Why exams are taken again for a case, by kind."""
    statement = (
        select(RepeatRow)
        .where(RepeatRow.case_id == case_id)
        .order_by(RepeatRow.kind)
        .limit(MOST_EXAMS)
        .execution_options(populate_existing=True)
    )
    return [_repeat(row) for row in session.scalars(statement)]


def save_repeat(session: Session, row: RepeatRow) -> str:
    """Write a reason, over the one that was given before for this kind; its id."""
    known = session.scalar(
        select(RepeatRow.id).where(RepeatRow.case_id == row.case_id, RepeatRow.kind == row.kind)
    )
    if known is None:
        session.add(row)
        session.flush()
        return row.id
    values = {name: getattr(row, name) for name in ("reason", "note", "by_id", "said_at")}
    change_repeat(session, known, **values)
    return known


def change_repeat(session: Session, repeat_id: str, **values: Any) -> None:
    """Write these columns of a reason."""
    session.execute(
        update(RepeatRow)
        .where(RepeatRow.id == repeat_id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _source(case: CaseRow, pictures: Sequence[Picture]) -> Source:
    by_id = case.requesting_physician_id
    return Source(
        case_id=CaseId(case.id),
        institution_id=InstitutionId(case.institution_id),
        patient_id=PatientId(case.patient_id),
        by_id=None if by_id is None else PractitionerId(by_id),
        pictures=tuple(pictures),
    )


def _picture(image: CaseImageRow, instance: InstanceRow, study_id: str) -> Picture:
    """A camera's clock that runs ahead makes nothing younger than its arrival."""
    captured = instance.captured_at or instance.received_at
    return Picture(
        instance_id=InstanceId(instance.id),
        study_id=StudyId(study_id),
        source_sha256=instance.source_sha256,
        sop_class_uid=instance.sop_class_uid,
        eye=image.eye,
        field=image.field,
        taken_at=min(captured, instance.received_at),
    )


def _recognition(row: RecognitionRow) -> Recognition:
    return Recognition(
        id=row.id,
        case_id=CaseId(row.case_id),
        kind=row.kind,
        source_case_id=CaseId(row.source_case_id),
        source_institution_id=InstitutionId(row.source_institution_id),
        taken_at=row.taken_at,
        offered_at=row.offered_at,
        used_at=row.used_at,
        used_by=None if row.used_by is None else PractitionerId(row.used_by),
        ended_at=row.ended_at,
        ended_why=row.ended_why,
    )


def _repeat(row: RepeatRow) -> Repeat:
    return Repeat(
        id=row.id,
        case_id=CaseId(row.case_id),
        kind=row.kind,
        reason=row.reason,
        note=row.note,
        by_id=PractitionerId(row.by_id),
        said_at=row.said_at,
        counted_at=row.counted_at,
    )

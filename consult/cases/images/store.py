"""The only SQL of the images of cases."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from consult.cases.images.model import Evidence, ImageRow, NewImage, Source
from consult.cases.images.tables import CaptureHabitRow, CaseImageRow
from consult.cases.protocol import FieldCode
from consult.cases.tables import CaseRow
from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, InstanceId, PractitionerId, new_id
from consult.kernel.keys import Vault
from consult.kernel.work import Work
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow

_NAME = "case_images.name"
MOST_IMAGES = 1000


def hold_case(session: Session, case_id: str) -> None:
    """Let nobody submit or change the case while this unit works with its images."""
    session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())


def list_images(work: Work, case_id: str) -> list[ImageRow]:
    """The images of a case that were not removed, with those whose place another has taken."""
    statement = (
        select(CaseImageRow)
        .where(CaseImageRow.case_id == case_id, CaseImageRow.removed_at.is_(None))
        .order_by(CaseImageRow.added_at, CaseImageRow.id)
        .limit(MOST_IMAGES)
        .execution_options(populate_existing=True)
    )
    return [_as_image(work.vault, row) for row in work.session.scalars(statement)]


def find_image(work: Work, *, case_id: str, instance_id: str) -> ImageRow | None:
    """The row of this instance in the case, removed or not."""
    row = work.session.scalar(
        select(CaseImageRow).where(
            CaseImageRow.case_id == case_id, CaseImageRow.instance_id == instance_id
        )
    )
    return None if row is None else _as_image(work.vault, row)


def save_image(
    work: Work, image: NewImage, *, case_id: str, removed: ImageRow | None = None
) -> str:
    """Write a new image of a case, or let one that was removed stand again, unconfirmed.

    What that one was last confirmed as is what is proposed, and its first arrival stays its
    arrival: the same bytes are no retake, and are kept for whoever relied on them.
    """
    evidence = image.evidence
    values: dict[str, Any] = {
        "name_sealed": work.vault.seal(image.file_name, purpose=_NAME),
        "evidence": {
            "eyes": {source.value: eye.value for source, eye in evidence.eyes.items()},
            "fields": {source.value: code.value for source, code in evidence.fields.items()},
            "camera": {"name": evidence.camera, "clock_offset_s": str(evidence.clock_offset_s)},
        },
        "question_ids": list(image.question_ids),
        "added_by": work.actor.practitioner_id,
    }
    if removed is not None:
        values |= {"removed_at": None, "confirmed_by": None, "confirmed_at": None}
        values |= {
            "chosen_eye": removed.eye or removed.chosen_eye,
            "chosen_field": removed.field or removed.chosen_field,
        }
        change_images(work.session, [removed.id], **values)
        return removed.id
    row = CaseImageRow(
        id=new_id(), case_id=case_id, instance_id=image.instance_id, added_at=work.now, **values
    )
    work.session.add(row)
    work.session.flush()
    return row.id


def change_images(session: Session, ids: Collection[str], **values: Any) -> None:
    """Write these columns of these images."""
    session.execute(
        update(CaseImageRow)
        .where(CaseImageRow.id.in_(sorted(ids)))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def delete_image(session: Session, image_id: str) -> None:
    """Forget an image of a draft."""
    session.execute(delete(CaseImageRow).where(CaseImageRow.id == image_id))


def is_used(session: Session, instance_id: str) -> bool:
    """Whether any case names the instance, be it as a removed image."""
    statement = select(CaseImageRow.id).where(CaseImageRow.instance_id == instance_id)
    return session.scalar(statement.limit(1)) is not None


def case_numbers_of(
    session: Session, instance_ids: Collection[str], *, not_of_patient: str
) -> list[tuple[str, str]]:
    """Id and number of other patients' cases in which these instances stand."""
    statement = (
        select(CaseRow.id, CaseRow.number)
        .join(CaseImageRow, CaseImageRow.case_id == CaseRow.id)
        .where(
            CaseImageRow.instance_id.in_(sorted(instance_ids)),
            CaseImageRow.removed_at.is_(None),
            CaseRow.patient_id != not_of_patient,
        )
        .order_by(CaseRow.id)
        .limit(1)
    )
    return [(case_id, number) for case_id, number in session.execute(statement)]


def study_ids(session: Session, case_id: str) -> list[str]:
    """The studies in which the images of a case lie."""
    statement = (
        select(StudyRow.id)
        .join(SeriesRow, SeriesRow.study_id == StudyRow.id)
        .join(InstanceRow, InstanceRow.series_id == SeriesRow.id)
        .join(CaseImageRow, CaseImageRow.instance_id == InstanceRow.id)
        .where(CaseImageRow.case_id == case_id, CaseImageRow.removed_at.is_(None))
        .distinct()
        .order_by(StudyRow.id)
        .limit(MOST_IMAGES)
    )
    return list(session.scalars(statement))


def first_eye_of(session: Session, institution_id: str) -> Eye:
    """Which eye this institution photographs first; the right one until it has shown its habit."""
    row = session.get(CaptureHabitRow, institution_id)
    return Eye.RIGHT if row is None else row.first_eye


def save_first_eye(session: Session, institution_id: str, eye: Eye) -> None:
    """Remember which eye came first in a confirmed set."""
    row = session.get(CaptureHabitRow, institution_id)
    if row is None:
        session.add(CaptureHabitRow(institution_id=institution_id, first_eye=eye))
    else:
        row.first_eye = eye
    session.flush()


def _as_image(vault: Vault, row: CaseImageRow) -> ImageRow:
    told: Mapping[str, Mapping[str, str]] = row.evidence
    camera = told.get("camera", {})  # older rows know none
    return ImageRow(
        id=row.id,
        case_id=CaseId(row.case_id),
        instance_id=InstanceId(row.instance_id),
        file_name=vault.open(row.name_sealed, purpose=_NAME),
        evidence=Evidence(
            eyes={Source(source): Eye(eye) for source, eye in told["eyes"].items()},
            fields={Source(source): FieldCode(code) for source, code in told["fields"].items()},
            camera=camera.get("name", ""),
            clock_offset_s=int(camera.get("clock_offset_s", "0")),
        ),
        chosen_eye=row.chosen_eye,
        chosen_field=row.chosen_field,
        eye=row.eye,
        field=row.field,
        confirmed_by=None if row.confirmed_by is None else PractitionerId(row.confirmed_by),
        confirmed_at=row.confirmed_at,
        question_ids=tuple(row.question_ids),
        added_at=row.added_at,
        is_removed=row.removed_at is not None,
        replaced_at=row.replaced_at,
        replaced_by=row.replaced_by,
        kept_for=row.kept_for,
    )


def count_by_case(session: Session, case_ids: Collection[str]) -> dict[str, int]:
    """How many images each of these cases has."""
    statement = (
        select(CaseImageRow.case_id, func.count())
        .where(
            CaseImageRow.case_id.in_(sorted(case_ids)),
            CaseImageRow.removed_at.is_(None),
            CaseImageRow.replaced_at.is_(None),
        )
        .group_by(CaseImageRow.case_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}

"""The only SQL of corrections of pictures."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.cases.corrections.model import Correction
from consult.cases.corrections.tables import ImageCorrectionRow
from consult.cases.images.tables import CaseImageRow
from consult.cases.model import CaseStatus
from consult.cases.tables import CaseRow
from consult.kernel.ids import CaseId, InstanceId, PractitionerId

MOST_CORRECTIONS = 2000
_MOST_CASES = 100


def save_correction(session: Session, row: ImageCorrectionRow) -> Correction:
    """Write a correction."""
    session.add(row)
    session.flush()
    return _correction(row)


def list_of_case(session: Session, case_id: str) -> list[Correction]:
    """What was corrected in this case, the first correction first."""
    statement = (
        select(ImageCorrectionRow)
        .where(ImageCorrectionRow.case_id == case_id)
        .order_by(ImageCorrectionRow.at, ImageCorrectionRow.id)
        .limit(MOST_CORRECTIONS)
    )
    return [_correction(row) for row in session.scalars(statement)]


def cases_naming(
    session: Session, instance_ids: Collection[str], *, but: str
) -> list[tuple[str, str]]:
    """Case and image of other cases in which these objects stand, withdrawn cases left out."""
    statement = (
        select(CaseImageRow.case_id, CaseImageRow.id)
        .join(CaseRow, CaseRow.id == CaseImageRow.case_id)
        .where(
            CaseImageRow.instance_id.in_(sorted(instance_ids)),
            CaseImageRow.removed_at.is_(None),
            CaseImageRow.case_id != but,
            CaseRow.status.not_in([CaseStatus.WITHDRAWN, CaseStatus.CANCELLED]),
        )
        .order_by(CaseImageRow.case_id, CaseImageRow.id)
        .limit(_MOST_CASES)
    )
    return [(case_id, image_id) for case_id, image_id in session.execute(statement)]


def _correction(row: ImageCorrectionRow) -> Correction:
    new_id, to_case = row.new_instance_id, row.to_case_id
    return Correction(
        id=row.id,
        case_id=CaseId(row.case_id),
        image_id=row.image_id,
        kind=row.kind,
        instance_id=InstanceId(row.instance_id),
        new_instance_id=None if new_id is None else InstanceId(new_id),
        eye_before=row.eye_before,
        field_before=row.field_before,
        eye_after=row.eye_after,
        field_after=row.field_after,
        to_case_id=None if to_case is None else CaseId(to_case),
        to_image_id=row.to_image_id,
        by_id=PractitionerId(row.by_id),
        at=row.at,
    )

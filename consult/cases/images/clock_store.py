"""The only SQL of cameras' clocks: what was confirmed, and when its patient was the current one."""

import json
from datetime import datetime

from sqlalchemy import Text, func, select, type_coerce
from sqlalchemy.orm import Session

from consult.cases.images.tables import CaseImageRow, PatientOpeningRow
from consult.cases.tables import CaseRow
from consult.studies.model import CapturedSource
from consult.studies.tables import InstanceRow

MOST_PICTURES = 200
_OF_A_CLOCK = (CapturedSource.EXIF, CapturedSource.DICOM)


def list_confirmed(
    session: Session, *, institution_id: str, camera: str, since: datetime
) -> list[tuple[str, datetime, datetime]]:
    """Case, capture time and arrival of this camera's pictures that were confirmed and sent."""
    named = f'"name":{json.dumps(camera, ensure_ascii=False)}'
    evidence = type_coerce(CaseImageRow.evidence, Text)
    statement = (
        select(CaseImageRow.case_id, InstanceRow.captured_at, CaseImageRow.added_at)
        .join(CaseRow, CaseRow.id == CaseImageRow.case_id)
        .join(InstanceRow, InstanceRow.id == CaseImageRow.instance_id)
        .where(
            CaseRow.institution_id == institution_id,
            CaseRow.submitted_at >= CaseImageRow.added_at,
            CaseImageRow.added_at >= since,
            CaseImageRow.confirmed_at.is_not(None),
            CaseImageRow.removed_at.is_(None),
            CaseImageRow.recognition_id.is_(None),
            InstanceRow.captured_source.in_(_OF_A_CLOCK),
            # LIKE folds letters on one of the databases and not on the other
            func.replace(evidence, named, "") != evidence,
        )
        .order_by(CaseImageRow.added_at.desc(), CaseImageRow.id)
        .limit(MOST_PICTURES)
    )
    found = session.execute(statement)
    return [(case_id, at, added_at) for case_id, at, added_at in found if at is not None]


def first_opening(
    session: Session, case_id: str, *, institution_id: str, since: datetime, until: datetime
) -> datetime | None:
    """When the case was on a screen of the institution for the first time in this span."""
    statement = select(func.min(PatientOpeningRow.at)).where(
        PatientOpeningRow.institution_id == institution_id,
        PatientOpeningRow.at >= since,
        PatientOpeningRow.at <= until,
        PatientOpeningRow.case_id == case_id,
    )
    return session.scalar(statement)

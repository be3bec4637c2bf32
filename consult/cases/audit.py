"""Consents, corrected pictures, recognised exams: for whoever checks that they are as written."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.cases.consents.tables import ConsentRow
from consult.cases.corrections.model import CorrectionKind
from consult.cases.corrections.tables import ImageCorrectionRow
from consult.cases.recognition.tables import RecognitionRow, RepeatRow
from consult.journal.row_audit import Kept
from consult.kernel.faults import Fault
from consult.studies import audit as studies

KEPT: Final = (
    Kept("consent", ConsentRow, ("consent.",)),
    Kept("correction", ImageCorrectionRow, ("case.corrected",)),
    Kept("recognition", RecognitionRow, ("recognition.",)),
    Kept("repeat", RepeatRow, ("recognition.repeated",)),
)


def check_corrections(session: Session) -> Iterator[Fault]:
    """A picture that was struck out as another patient's is shown as this one's nowhere."""
    struck = select(ImageCorrectionRow.id, ImageCorrectionRow.instance_id).where(
        ImageCorrectionRow.kind == CorrectionKind.WRONG_PATIENT
    )
    found = {row.id: row.instance_id for row in session.execute(struck)}
    withdrawn = studies.withdrawn_among(session, found.values())
    for correction_id, instance_id in sorted(found.items()):
        if instance_id not in withdrawn:
            yield Fault("correction-undone", correction_id)

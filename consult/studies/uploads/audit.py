"""Which uploads are under way, for whoever copies the installation with their bytes."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.studies.uploads.model import RUNNING, UploadState
from consult.studies.uploads.tables import UploadRow


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An upload whose bytes still lie in the spool; so many of them were acknowledged."""

    id: str
    offset_bytes: int
    is_running: bool


def unfinished_uploads(session: Session) -> list[Unfinished]:
    """Every upload that is not at its end."""
    states = sorted({*RUNNING, UploadState.ASKED})
    statement = select(UploadRow.id, UploadRow.offset_bytes, UploadRow.state)
    statement = statement.where(UploadRow.state.in_(states)).order_by(UploadRow.id)
    return [
        Unfinished(upload_id, offset, state in RUNNING)
        for upload_id, offset, state in session.execute(statement)
    ]

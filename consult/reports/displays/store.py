"""The only SQL of checks of displays."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from consult.kernel.ids import PractitionerId
from consult.reports.displays.model import DisplayCheck
from consult.reports.displays.tables import DisplayCheckRow


def add_check(session: Session, check: DisplayCheck) -> None:
    """Write one down."""
    session.add(
        DisplayCheckRow(
            id=check.id,
            practitioner_id=check.practitioner_id,
            display=check.display,
            passed=check.passed,
            checked_at=check.checked_at,
        )
    )
    session.flush()


def find_newest(session: Session, practitioner_id: str, *, display: str) -> DisplayCheck | None:
    """What this person said last of such a screen."""
    row = session.scalar(
        select(DisplayCheckRow)
        .where(
            DisplayCheckRow.practitioner_id == practitioner_id,
            DisplayCheckRow.display == display,
        )
        .order_by(DisplayCheckRow.checked_at.desc(), DisplayCheckRow.id.desc())
        .limit(1)
    )
    return None if row is None else _check(row)


def list_newest(session: Session, practitioner_id: str, *, limit: int) -> list[DisplayCheck]:
    """What this person said lately of any screen, the newest first."""
    statement = (
        select(DisplayCheckRow)
        .where(DisplayCheckRow.practitioner_id == practitioner_id)
        .order_by(DisplayCheckRow.checked_at.desc(), DisplayCheckRow.id.desc())
        .limit(limit)
    )
    return [_check(row) for row in session.scalars(statement)]


def _check(row: DisplayCheckRow) -> DisplayCheck:
    return DisplayCheck(
        id=row.id,
        practitioner_id=PractitionerId(row.practitioner_id),
        display=row.display,
        passed=row.passed,
        checked_at=row.checked_at,
    )

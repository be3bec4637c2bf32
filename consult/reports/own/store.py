"""The only SQL of own readings."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.reports.own.content import eyes_as_json
from consult.reports.own.model import EyeSaid, Finding, OwnReading, Said, Wait, WaitEnd
from consult.reports.own.tables import OwnReadingRow, WaitRow
from consult.reports.tables import ReportRow

MOST_COUNTED: Final = 5000


def add_reading(session: Session, reading: OwnReading) -> bool:
    """Write a locked reading; False when there is one."""
    row = OwnReadingRow(
        case_id=reading.case_id,
        author_id=reading.author_id,
        institution_id=reading.institution_id,
        eyes=eyes_as_json(reading.said),
        words=reading.said.words,
        was_blind=reading.was_blind,
        locked_at=reading.locked_at,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def find_reading(session: Session, case_id: str) -> OwnReading | None:
    """The own reading of a case."""
    row = session.get(OwnReadingRow, case_id)
    return None if row is None else _reading(row)


def list_blind(
    session: Session,
    institution_id: str,
    *,
    since: datetime,
    author_id: str | None,
) -> list[OwnReading]:
    """What was locked before the opinion was open, by one person or by all, the newest first."""
    statement = select(OwnReadingRow).where(
        OwnReadingRow.institution_id == institution_id,
        OwnReadingRow.locked_at >= since,
        OwnReadingRow.was_blind,
    )
    if author_id is not None:
        statement = statement.where(OwnReadingRow.author_id == author_id)
    newest = statement.order_by(OwnReadingRow.locked_at.desc(), OwnReadingRow.case_id)
    return [_reading(row) for row in session.scalars(newest.limit(MOST_COUNTED))]


def newest_contents(
    session: Session, case_ids: Collection[str], *, visible: Select[str]
) -> dict[str, bytes]:
    """The signed bytes of each case's newest version, of those that the asker may see."""
    newest = (
        select(ReportRow.case_id, func.max(ReportRow.version).label("version"))
        .where(ReportRow.case_id.in_(sorted(case_ids)))
        .group_by(ReportRow.case_id)
        .subquery()
    )
    statement = (
        select(ReportRow.case_id, ReportRow.canonical)
        .join(
            newest,
            (newest.c.case_id == ReportRow.case_id) & (newest.c.version == ReportRow.version),
        )
        .where(ReportRow.id.in_(visible))
        .limit(MOST_COUNTED)
    )
    return {row.case_id: row.canonical for row in session.execute(statement)}


def add_wait(session: Session, case_id: str, institution_id: str, *, since: datetime) -> None:
    """Write that the opinion on a case is kept back."""
    row = WaitRow(
        case_id=case_id,
        institution_id=institution_id,
        since=since,
        ended_at=None,
        how=None,
        by_id=None,
        reason="",
    )
    session.add(row)
    session.flush()


def find_wait(session: Session, case_id: str) -> Wait | None:
    """Whether, and how long, the opinion on a case was kept back."""
    row = session.get(WaitRow, case_id, populate_existing=True)
    return None if row is None else _wait(row)


def end_wait(
    session: Session, case_id: str, *, how: WaitEnd, by_id: str | None, reason: str, at: datetime
) -> bool:
    """Write that it is shown; False where nothing is kept back."""
    statement = (
        update(WaitRow)
        .where(WaitRow.case_id == case_id, WaitRow.ended_at.is_(None))
        .values(ended_at=at, how=how, by_id=by_id, reason=reason)
        .returning(WaitRow.case_id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def list_skipped(
    session: Session, institution_id: str, *, since: datetime, by_id: str | None
) -> list[Wait]:
    """The opinions that were opened without an own reading, the newest first."""
    statement = select(WaitRow).where(
        WaitRow.institution_id == institution_id,
        WaitRow.ended_at >= since,
        WaitRow.how == WaitEnd.SKIPPED,
    )
    if by_id is not None:
        statement = statement.where(WaitRow.by_id == by_id)
    newest = statement.order_by(WaitRow.ended_at.desc(), WaitRow.case_id)
    return [_wait(row) for row in session.scalars(newest.limit(MOST_COUNTED))]


def _eye(told: Mapping[str, Any] | None) -> EyeSaid | None:
    return None if told is None else EyeSaid(Finding(told["finding"]), told["icdr"])


def _reading(row: OwnReadingRow) -> OwnReading:
    eyes: Mapping[str, Any] = row.eyes
    return OwnReading(
        case_id=CaseId(row.case_id),
        author_id=PractitionerId(row.author_id),
        institution_id=InstitutionId(row.institution_id),
        said=Said(_eye(eyes["right"]), _eye(eyes["left"]), row.words),
        was_blind=row.was_blind,
        locked_at=row.locked_at,
    )


def _wait(row: WaitRow) -> Wait:
    return Wait(
        case_id=CaseId(row.case_id),
        institution_id=InstitutionId(row.institution_id),
        since=row.since,
        ended_at=row.ended_at,
        how=row.how,
        by_id=None if row.by_id is None else PractitionerId(row.by_id),
    )

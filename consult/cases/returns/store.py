"""The only SQL of returns."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.orm import Session

from consult.cases.images.tables import CaptureExceptionRow, CaseImageRow
from consult.cases.model import Case, CaseStatus
from consult.cases.protocol import FieldCode
from consult.cases.returns.model import CaseReturn, ReturnEnd, ReturnItem, Slot
from consult.cases.returns.tables import CaseReturnRow, ReturnItemRow
from consult.cases.store import case_of
from consult.cases.tables import CaseRow
from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, PanelId, PractitionerId

MOST_RETURNS = 50
MOST_IMAGES = 1000


def save_return(session: Session, row: CaseReturnRow, items: Sequence[ReturnItem]) -> None:
    """Write a new return with its lines."""
    session.add(row)
    session.flush()
    session.add_all(
        ReturnItemRow(
            return_id=row.id,
            position=position,
            kind=item.kind,
            code=item.code,
            eye=item.eye,
            field=item.field,
        )
        for position, item in enumerate(items, start=1)
    )
    session.flush()


def find_live(session: Session, case_id: str) -> CaseReturn | None:
    """The return for which the clinic has the case now."""
    found = _with_items(session, select(CaseReturnRow).where(CaseReturnRow.live_case_id == case_id))
    return found[0] if found else None


def list_of_case(session: Session, case_id: str) -> list[CaseReturn]:
    """Every return of a case, the newest first."""
    statement = (
        select(CaseReturnRow)
        .where(CaseReturnRow.case_id == case_id)
        .order_by(CaseReturnRow.id.desc())
        .limit(MOST_RETURNS)
    )
    return _with_items(session, statement)


def list_live(session: Session, case_ids: Collection[str]) -> list[CaseReturn]:
    """The live returns of these cases."""
    statement = select(CaseReturnRow).where(CaseReturnRow.live_case_id.in_(sorted(case_ids)))
    return _with_items(session, statement.order_by(CaseReturnRow.id))


def list_kept(session: Session, case_ids: Collection[str], *, now: datetime) -> list[CaseReturn]:
    """The returns of these cases that came back and are kept for somebody, oldest first."""
    statement = (
        select(CaseReturnRow)
        .where(
            CaseReturnRow.case_id.in_(sorted(case_ids)),
            CaseReturnRow.ended_how == ReturnEnd.RESUBMITTED,
            CaseReturnRow.kept_until > now,
        )
        .order_by(CaseReturnRow.id)
    )
    return [_return(row, ()) for row in session.scalars(statement)]


def list_kept_for(session: Session, expert_id: str, *, now: datetime, limit: int) -> set[str]:
    """The cases that came back and are kept for this person."""
    statement = select(CaseReturnRow.case_id).where(
        CaseReturnRow.expert_id == expert_id,
        CaseReturnRow.ended_how == ReturnEnd.RESUBMITTED,
        CaseReturnRow.kept_until > now,
    )
    return set(session.scalars(statement.limit(limit)))


def list_expired(session: Session, *, now: datetime, limit: int) -> list[CaseReturn]:
    """Live returns whose last day is over."""
    statement = (
        select(CaseReturnRow)
        .where(CaseReturnRow.ended_at.is_(None), CaseReturnRow.expires_at <= now)
        .order_by(CaseReturnRow.expires_at, CaseReturnRow.id)
        .limit(limit)
    )
    return [_return(row, ()) for row in session.scalars(statement)]


def save_end(
    session: Session,
    return_id: str,
    *,
    at: datetime,
    how: ReturnEnd,
    kept_until: datetime | None = None,
) -> None:
    """End a return."""
    session.execute(
        update(CaseReturnRow)
        .where(CaseReturnRow.id == return_id, CaseReturnRow.ended_at.is_(None))
        .values(live_case_id=None, ended_at=at, ended_how=how, kept_until=kept_until)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def list_to_retake(
    session: Session,
    *,
    institution_id: str,
    seen: ColumnElement[bool],
    after: str | None,
    limit: int,
) -> list[Case]:
    """The institution's cases that wait for photographs, in the order in which they were opened."""
    statement = (
        select(CaseRow)
        .where(
            CaseRow.institution_id == institution_id,
            CaseRow.status == CaseStatus.RETURNED,
            CaseRow.retake.is_(True),
            seen,
        )
        .order_by(CaseRow.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(CaseRow.id > after)
    return [case_of(row) for row in session.scalars(statement)]


def count_to_retake(session: Session, *, institution_id: str) -> int:
    """How many of the institution's cases wait for photographs."""
    statement = (
        select(func.count())
        .select_from(CaseRow)
        .where(
            CaseRow.institution_id == institution_id,
            CaseRow.status == CaseStatus.RETURNED,
            CaseRow.retake.is_(True),
        )
    )
    return session.scalar(statement) or 0


def confirmed_in(session: Session, case_id: str) -> list[tuple[str, str, Slot, datetime]]:
    """Id, instance, place and arrival of the confirmed images that hold, oldest first."""
    statement = (
        select(CaseImageRow)
        .where(
            CaseImageRow.case_id == case_id,
            CaseImageRow.removed_at.is_(None),
            CaseImageRow.replaced_at.is_(None),
            CaseImageRow.confirmed_at.is_not(None),
            CaseImageRow.field.is_not(None),
        )
        .order_by(CaseImageRow.added_at, CaseImageRow.id)
        .limit(MOST_IMAGES)
        .execution_options(populate_existing=True)
    )
    return [
        (row.id, row.instance_id, (row.eye, row.field), row.added_at)
        for row in session.scalars(statement)
        if row.field is not None
    ]


def excused_since(
    session: Session, case_id: str, since: datetime
) -> set[tuple[Eye, FieldCode | None]]:
    """Which fields, or whole eyes, were said to be impossible to photograph since then."""
    statement = select(CaptureExceptionRow).where(
        CaptureExceptionRow.case_id == case_id, CaptureExceptionRow.said_at > since
    )
    return {
        (row.eye, FieldCode(row.field) if row.field else None) for row in session.scalars(statement)
    }


def save_replaced(session: Session, image_id: str, *, by: str, at: datetime) -> None:
    """Mark an image as one whose place another has taken; it stays."""
    session.execute(
        update(CaseImageRow)
        .where(CaseImageRow.id == image_id, CaseImageRow.replaced_at.is_(None))
        .values(replaced_at=at, replaced_by=by)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _with_items(session: Session, statement: Select[CaseReturnRow]) -> list[CaseReturn]:
    rows = session.scalars(statement.execution_options(populate_existing=True)).all()
    if not rows:
        return []
    told: dict[str, list[ReturnItem]] = {row.id: [] for row in rows}
    lines = (
        select(ReturnItemRow)
        .where(ReturnItemRow.return_id.in_(sorted(told)))
        .order_by(ReturnItemRow.return_id, ReturnItemRow.position)
    )
    for line in session.scalars(lines):
        told[line.return_id].append(ReturnItem(line.kind, line.code, line.eye, line.field))
    return [_return(row, told[row.id]) for row in rows]


def _return(row: CaseReturnRow, items: Sequence[ReturnItem]) -> CaseReturn:
    return CaseReturn(
        id=row.id,
        case_id=CaseId(row.case_id),
        panel_id=None if row.panel_id is None else PanelId(row.panel_id),
        items=tuple(items),
        note=row.note,
        returned_by=PractitionerId(row.returned_by),
        returned_at=row.returned_at,
        expires_at=row.expires_at,
        expert_id=None if row.expert_id is None else PractitionerId(row.expert_id),
        ended_at=row.ended_at,
        ended_how=row.ended_how,
        kept_until=row.kept_until,
    )

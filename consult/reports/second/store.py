"""The only SQL of held readings."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from consult.reports.second.model import Held, Part
from consult.reports.second.tables import HeldRow
from consult.reports.store import report_of
from consult.reports.tables import ReportRow

_COLUMNS = tuple(column.name for column in ReportRow.__table__.columns)
_MOST = 50


def hold(session: Session, row: ReportRow, *, part: Part, marks: bytes | None) -> None:
    """Keep a signed reading apart from the reports."""
    told = {name: getattr(row, name) for name in _COLUMNS}
    session.add(HeldRow(**told, part=part, marks=marks))
    session.flush()


def list_held(session: Session, case_id: str) -> list[Held]:
    """The held readings of a case, the first one first."""
    statement = select(HeldRow).where(HeldRow.case_id == case_id)
    newest = statement.order_by(HeldRow.signed_at, HeldRow.id).limit(_MOST)
    return [_held(row) for row in session.scalars(newest)]


def list_pairs_released_second(
    session: Session, case_ids: Collection[str], *, limit: int
) -> list[tuple[Held, Held]]:
    """The readings of those of these cases whose report is the second one; the newest first."""
    first, second = aliased(HeldRow), aliased(HeldRow)
    statement = (
        select(first, second)
        .join(second, second.case_id == first.case_id)
        .join(ReportRow, ReportRow.id == second.id)
        .where(
            first.case_id.in_(sorted(case_ids)),
            first.part == Part.FIRST,
            second.part == Part.SECOND,
        )
        .order_by(second.signed_at.desc(), second.id)
        .limit(limit)
    )
    return [(_held(one), _held(other)) for one, other in session.execute(statement)]


def as_report_row(held: Held) -> ReportRow:
    """The same signed bytes, ready to become the case's report."""
    return ReportRow(**{name: getattr(held.report, name) for name in _COLUMNS})


def _held(row: HeldRow) -> Held:
    return Held(row.part, report_of(row), row.marks)

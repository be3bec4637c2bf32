"""The only SQL of routings, and how much lies before panels."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from consult.cases.model import CaseStatus
from consult.cases.routing.tables import CaseRoutingRow
from consult.cases.tables import CaseRow
from consult.kernel.ids import CaseId, PanelId, PractitionerId


@dataclass(frozen=True, slots=True)
class Routing:
    """Which panel a case goes to, which was proposed, why, and why the hub was passed over."""

    case_id: CaseId
    panel_id: PanelId
    proposed_id: PanelId | None
    why: tuple[str, ...]
    lacks: tuple[str, ...]
    rules: str
    hub_reason: str
    reason_by_id: PractitionerId | None
    recorded_at: datetime | None


def find_routing(session: Session, case_id: str) -> Routing | None:
    """The routing of a case."""
    row = session.get(CaseRoutingRow, case_id)
    if row is None:
        return None
    return Routing(
        case_id=CaseId(row.case_id),
        panel_id=PanelId(row.panel_id),
        proposed_id=None if row.proposed_id is None else PanelId(row.proposed_id),
        why=tuple(row.why.split()),
        lacks=tuple(row.lacks.split()),
        rules=row.rules,
        hub_reason=row.hub_reason,
        reason_by_id=None if row.reason_by_id is None else PractitionerId(row.reason_by_id),
        recorded_at=row.recorded_at,
    )


def save_routing(session: Session, routing: Routing) -> None:
    """Put this routing in the place of what is written of the case."""
    row = session.get(CaseRoutingRow, routing.case_id)
    if row is None:
        row = CaseRoutingRow(case_id=routing.case_id)
        session.add(row)
    row.panel_id = routing.panel_id
    row.proposed_id = routing.proposed_id
    row.why = " ".join(routing.why)
    row.lacks = " ".join(routing.lacks)
    row.rules = routing.rules
    row.hub_reason = routing.hub_reason
    row.reason_by_id = routing.reason_by_id
    row.recorded_at = routing.recorded_at
    session.flush()


def count_open(
    session: Session, panel_ids: Collection[str], *, statuses: Collection[CaseStatus]
) -> dict[str, int]:
    """How many cases lie before each of these panels in these statuses."""
    statement = (
        select(CaseRow.panel_id, func.count())
        .where(CaseRow.panel_id.in_(sorted(panel_ids)), CaseRow.status.in_(sorted(statuses)))
        .group_by(CaseRow.panel_id)
    )
    return {str(panel_id): count for panel_id, count in session.execute(statement)}

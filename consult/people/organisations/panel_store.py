"""The only SQL of panels."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.db.reading import once
from consult.kernel.ids import ConsortiumId, InstitutionId, PanelId, PractitionerId
from consult.people.organisations.errors import NameTakenError, StaleError
from consult.people.organisations.model import LONGEST_LIST, Panel
from consult.people.organisations.tables import (
    MembershipRow,
    PanelBackupRow,
    PanelMemberRow,
    PanelRow,
    PanelServiceRow,
)


def save_panel(
    session: Session, row: PanelRow, *, member_ids: Collection[str], services: Collection[str]
) -> None:
    """Write a new panel with its members and services."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise NameTakenError from None
    session.add_all(
        PanelMemberRow(panel_id=row.id, practitioner_id=found, added_at=row.added_at)
        for found in sorted(member_ids)
    )
    session.add_all(
        PanelServiceRow(panel_id=row.id, service_type=found) for found in sorted(services)
    )
    session.flush()


def find_panel(session: Session, panel_id: str) -> Panel | None:
    """One panel."""
    statement = select(PanelRow).where(PanelRow.id == panel_id)
    found = once(session, ("panel", panel_id), lambda: _panels(session, statement))
    return found[0] if found else None


def list_panels(session: Session, visible: Select[str] | None) -> list[Panel]:
    """Panels by name; all of them where `visible` is None."""
    statement = select(PanelRow).order_by(PanelRow.name, PanelRow.id).limit(LONGEST_LIST)
    if visible is not None:
        statement = statement.where(PanelRow.id.in_(visible))
    return _panels(session, statement)


def list_offering(
    session: Session, service_type: str, consortium_ids: Collection[str]
) -> list[Panel]:
    """The working panels of these consortia that give the service, of present members."""
    statement = (
        select(PanelRow)
        .join(PanelServiceRow, PanelServiceRow.panel_id == PanelRow.id)
        .join(
            MembershipRow,
            (MembershipRow.consortium_id == PanelRow.consortium_id)
            & (MembershipRow.institution_id == PanelRow.institution_id),
        )
        .where(
            PanelServiceRow.service_type == service_type,
            PanelRow.consortium_id.in_(sorted(consortium_ids)),
            PanelRow.stopped_at.is_(None),
        )
        .order_by(PanelRow.name, PanelRow.id)
        .limit(LONGEST_LIST)
    )
    return _panels(session, statement)


def panel_ids_at(session: Session, institution_id: str) -> frozenset[PanelId]:
    """Every panel of this institution."""
    statement = select(PanelRow.id).where(PanelRow.institution_id == institution_id)
    return frozenset(PanelId(found) for found in session.scalars(statement.limit(LONGEST_LIST)))


def is_leader_at(session: Session, practitioner_id: str, institution_id: str) -> bool:
    """Whether the person leads a panel of the institution, be it one that takes no new case."""
    statement = select(PanelRow.id).where(
        PanelRow.leader_id == practitioner_id, PanelRow.institution_id == institution_id
    )
    return session.scalar(statement.limit(1)) is not None


def list_members_in_order(session: Session, panel_id: str) -> list[PractitionerId]:
    """The experts of a panel as they joined it, its leader last."""
    statement = (
        select(PanelMemberRow.practitioner_id)
        .join(PanelRow, PanelRow.id == PanelMemberRow.panel_id)
        .where(PanelMemberRow.panel_id == panel_id)
        .order_by(
            PanelMemberRow.practitioner_id == PanelRow.leader_id,
            PanelMemberRow.added_at,
            PanelMemberRow.practitioner_id,
        )
        .limit(LONGEST_LIST)
    )
    return [PractitionerId(found) for found in session.scalars(statement)]


def save_member(session: Session, panel_id: str, practitioner_id: str, *, at: datetime) -> None:
    """Add an expert."""
    session.add(PanelMemberRow(panel_id=panel_id, practitioner_id=practitioner_id, added_at=at))
    session.flush()


def delete_member(session: Session, panel_id: str, practitioner_id: str) -> None:
    """Take an expert out."""
    session.execute(
        delete(PanelMemberRow).where(
            PanelMemberRow.panel_id == panel_id,
            PanelMemberRow.practitioner_id == practitioner_id,
        )
    )


def delete_members_at(session: Session, practitioner_id: str, institution_id: str) -> None:
    """Take a person out of every panel of an institution."""
    panels = select(PanelRow.id).where(PanelRow.institution_id == institution_id)
    session.execute(
        delete(PanelMemberRow).where(
            PanelMemberRow.practitioner_id == practitioner_id, PanelMemberRow.panel_id.in_(panels)
        )
    )


def find_backup(session: Session, panel_id: str) -> PanelId | None:
    """The backup of a panel."""
    statement = select(PanelBackupRow.backup_id).where(PanelBackupRow.panel_id == panel_id)
    found = session.scalar(statement)
    return None if found is None else PanelId(found)


def save_backup(session: Session, panel_id: str, backup_id: str | None) -> None:
    """Write which panel is the backup, or that there is none."""
    session.execute(delete(PanelBackupRow).where(PanelBackupRow.panel_id == panel_id))
    if backup_id is not None:
        session.add(PanelBackupRow(panel_id=panel_id, backup_id=backup_id))
        session.flush()


def save_revision(
    session: Session,
    panel: Panel,
    *,
    leader_id: str | None = None,
    stopped_at: datetime | None = None,
) -> None:
    """Move the panel on from the revision that was read; raises StaleError where it had moved."""
    statement = (
        update(PanelRow)
        .where(PanelRow.id == panel.id, PanelRow.revision == panel.revision)
        .values(
            leader_id=leader_id or panel.leader_id,
            stopped_at=stopped_at or panel.stopped_at,
            revision=panel.revision + 1,
        )
        .returning(PanelRow.id)
    )
    if session.scalar(statement) is None:
        raise StaleError


def _panels(session: Session, statement: Select[PanelRow]) -> list[Panel]:
    rows = session.scalars(statement).all()
    ids = [row.id for row in rows]
    members: defaultdict[str, set[PractitionerId]] = defaultdict(set)
    for member in session.scalars(select(PanelMemberRow).where(PanelMemberRow.panel_id.in_(ids))):
        members[member.panel_id].add(PractitionerId(member.practitioner_id))
    services: defaultdict[str, set[str]] = defaultdict(set)
    for service in session.scalars(
        select(PanelServiceRow).where(PanelServiceRow.panel_id.in_(ids))
    ):
        services[service.panel_id].add(service.service_type)
    return [_panel(row, frozenset(members[row.id]), frozenset(services[row.id])) for row in rows]


def _panel(row: PanelRow, members: frozenset[PractitionerId], services: frozenset[str]) -> Panel:
    return Panel(
        id=PanelId(row.id),
        consortium_id=ConsortiumId(row.consortium_id),
        institution_id=InstitutionId(row.institution_id),
        name=row.name,
        name_en=row.name_en,
        leader_id=PractitionerId(row.leader_id),
        member_ids=members,
        services=services,
        stopped_at=row.stopped_at,
        revision=row.revision,
    )

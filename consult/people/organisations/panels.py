"""Expert panels: founding one, its members and leader, ending it."""

from dataclasses import dataclass

from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.journal import service as journal
from consult.kernel.errors import ConflictError, NotFoundError, RefusedError
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Entry, Role, Work
from consult.people.organisations import consortia, panel_store, scope
from consult.people.organisations.errors import LeaderStaysError, NotAffiliatedError, StaleError
from consult.people.organisations.model import Panel
from consult.people.organisations.tables import PanelRow
from consult.people.practitioners import affiliations

_LEADER_GONE = "panel.leader_gone"


@dataclass(frozen=True, slots=True)
class NewPanel:
    """What the form says of a new panel."""

    consortium_id: str
    institution_id: str
    name: str
    name_en: str
    leader_id: str
    member_ids: frozenset[str]
    services: frozenset[str]


class AlreadyInPanelError(ConflictError):
    """The person is a member already."""

    def __init__(self) -> None:
        super().__init__("already-in-panel")


def add_panel(work: Work, *, new: NewPanel) -> Panel:
    """Found a panel at a member institution, with its leader among its experts."""
    consortia.get_consortium(work, new.consortium_id)
    consortia.require_member(work, new.consortium_id, new.institution_id, field="institution_id")
    if not new.services:
        raise RefusedError("field-missing", field="services")
    _require_expert(work, new.leader_id, new.institution_id, field="leader_id")
    for member_id in sorted(new.member_ids):
        _require_expert(work, member_id, new.institution_id, field="member_ids")
    row = PanelRow(
        id=new_id(),
        consortium_id=new.consortium_id,
        institution_id=new.institution_id,
        name=new.name,
        name_en=new.name_en,
        leader_id=new.leader_id,
        added_at=work.now,
        revision=1,
    )
    member_ids = new.member_ids | {new.leader_id}
    panel_store.save_panel(work.session, row, member_ids=member_ids, services=new.services)
    access.keep(
        work, Ref(ObjectType.PANEL, row.id), custodian=(Party.CONSORTIUM, new.consortium_id)
    )
    _journal(work, "panel.added", row.id, institution=new.institution_id, leader=new.leader_id)
    for member_id in sorted(member_ids):
        _journal(work, "panel.member_added", row.id, member=member_id)
    return get_panel(work, row.id)


def add_panel_member(work: Work, *, panel_id: str, revision: int, practitioner_id: str) -> None:
    """Take an expert of the institution into the panel."""
    panel = _get_current(work, panel_id, revision)
    _require_expert(work, practitioner_id, panel.institution_id, field="practitioner_id")
    if practitioner_id in panel.member_ids:
        raise AlreadyInPanelError
    panel_store.save_revision(work.session, panel)
    panel_store.save_member(work.session, panel_id, practitioner_id, at=work.now)
    _journal(work, "panel.member_added", panel_id, member=practitioner_id)


def end_panel_member(work: Work, *, panel_id: str, revision: int, practitioner_id: str) -> None:
    """An expert leaves; the leader is replaced first."""
    panel = _get_current(work, panel_id, revision)
    if practitioner_id not in panel.member_ids:
        raise NotFoundError
    if practitioner_id == panel.leader_id:
        raise LeaderStaysError
    panel_store.save_revision(work.session, panel)
    panel_store.delete_member(work.session, panel_id, practitioner_id)
    _journal(work, "panel.member_left", panel_id, member=practitioner_id)


def set_panel_leader(work: Work, *, panel_id: str, revision: int, practitioner_id: str) -> None:
    """Make a member the leader: accountable for cases that nobody has taken."""
    panel = _get_current(work, panel_id, revision)
    _require_expert(work, practitioner_id, panel.institution_id, field="practitioner_id")
    if practitioner_id not in panel.member_ids:
        raise NotAffiliatedError("practitioner_id")
    panel_store.save_revision(work.session, panel, leader_id=practitioner_id)
    _journal(work, "panel.leader_set", panel_id, leader=practitioner_id)


def stop_panel(work: Work, *, panel_id: str, revision: int) -> None:
    """No new case is sent to the panel; its members answer the ones that it has."""
    panel = _get_current(work, panel_id, revision)
    if panel.stopped_at is not None:
        raise StaleError
    panel_store.save_revision(work.session, panel, stopped_at=work.now)
    _journal(work, "panel.stopped", panel_id)


def get_panel(work: Work, panel_id: str) -> Panel:
    """One panel within the administrator's reach."""
    scope.require(work, ObjectType.PANEL, panel_id)
    panel = panel_store.find_panel(work.session, panel_id)
    if panel is None:
        raise NotFoundError
    return panel


def list_members_in_order(work: Work, panel_id: str) -> list[PractitionerId]:
    """The experts of a case's panel as they joined it, its leader last; policy is the caller's."""
    return panel_store.list_members_in_order(work.session, panel_id)


def list_panels(work: Work) -> list[Panel]:
    """The panels that the actor may see."""
    return panel_store.list_panels(work.session, scope.visible(work, ObjectType.PANEL))


def has_leader(work: Work, panel: Panel) -> bool:
    """Whether the panel's leader still works as an expert at its institution today."""
    return affiliations.holds_role(
        work,
        practitioner_id=panel.leader_id,
        institution_id=panel.institution_id,
        role=Role.EXPERT,
    )


def list_leaderless(work: Work) -> list[Panel]:
    """The panels within reach whose leader has gone: nobody answers for what waits there."""
    return [panel for panel in list_panels(work) if not has_leader(work, panel)]


def note_leaderless(work: Work) -> int:
    """Write once of each panel that its leader has gone (a clock's step); says of how many."""
    news = [panel for panel in list_leaderless(work) if not _is_noted(work, panel)]
    for panel in news:
        _journal(work, _LEADER_GONE, panel.id, leader=panel.leader_id)
    return len(news)


def _is_noted(work: Work, panel: Panel) -> bool:
    newest = journal.newest_kind(work.session, object_type=ObjectType.PANEL, object_id=panel.id)
    return newest == _LEADER_GONE


def _get_current(work: Work, panel_id: str, revision: int) -> Panel:
    panel = get_panel(work, panel_id)
    scope.require_consortium(work, panel.consortium_id)
    if panel.revision != revision:
        raise StaleError
    return panel


def _require_expert(work: Work, practitioner_id: str, institution_id: str, *, field: str) -> None:
    if not affiliations.holds_role(
        work, practitioner_id=practitioner_id, institution_id=institution_id, role=Role.EXPERT
    ):
        raise NotAffiliatedError(field)


def _journal(work: Work, kind: str, panel_id: str, **codes: str) -> None:
    work.journal(Entry(kind, ObjectType.PANEL, panel_id, codes=codes))

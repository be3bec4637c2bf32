"""The panel before which a case goes that another panel has left waiting beyond its promise."""

from consult.access.model import ObjectType
from consult.kernel.errors import RefusedError
from consult.kernel.ids import PanelId
from consult.kernel.work import Entry, Work
from consult.people.organisations import panel_store, panels, scope
from consult.people.organisations.errors import StaleError
from consult.people.organisations.model import Panel


def set_backup(work: Work, *, panel_id: str, revision: int, backup_id: str | None) -> None:
    """Name the backup of a panel within the administrator's reach, or none any more.

    Raises RefusedError for a panel that could not take its cases, StaleError after a change.
    """
    panel = panels.get_panel(work, panel_id)
    scope.require_consortium(work, panel.consortium_id)
    if panel.revision != revision:
        raise StaleError
    if backup_id is not None and backup_id not in {each.id for each in list_choices(work, panel)}:
        raise RefusedError("field-not-a-choice", field="backup_id")
    panel_store.save_revision(work.session, panel)
    panel_store.save_backup(work.session, panel.id, backup_id)
    codes = {"backup": backup_id}
    work.journal(Entry("panel.backup_set", ObjectType.PANEL, panel.id, codes=codes))


def find_backup(work: Work, panel_id: str) -> PanelId | None:
    """The backup of a panel, whether or not it may have a given case."""
    return panel_store.find_backup(work.session, panel_id)


def list_choices(work: Work, panel: Panel) -> list[Panel]:
    """The other working panels of the consortium that give one of its services."""
    return [
        each
        for each in panels.list_panels(work)
        if each.id != panel.id
        and each.consortium_id == panel.consortium_id
        and each.stopped_at is None
        and each.services & panel.services
    ]

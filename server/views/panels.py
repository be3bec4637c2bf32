"""What the administrator sees of expert panels."""

from dataclasses import dataclass
from datetime import datetime

from consult.kernel.work import Role, Work
from consult.people.organisations import backups, consortia, panels
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Panel
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from server.views.admin import Option
from server.views.sign_in import in_tongue


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One line of the list."""

    id: str
    name: str
    institution: str
    consortium: str
    leader: str
    has_leader: bool
    members: int
    services: tuple[str, ...]
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class PanelsPage:
    """The list; where an institution of a consortium is chosen, its experts for a new panel."""

    rows: tuple[PanelRow, ...]
    places: tuple[Option, ...]
    at: str
    consortium_id: str
    institution_id: str
    experts: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class PanelMemberRow:
    """One member of a panel."""

    practitioner_id: str
    name: str
    title: str
    is_leader: bool


@dataclass(frozen=True, slots=True)
class PanelPage:
    """One panel, and the experts who could join."""

    row: PanelRow
    revision: int
    members: tuple[PanelMemberRow, ...]
    candidates: tuple[Option, ...]
    backup_id: str
    backups: tuple[Option, ...]


def make_panels(work: Work, *, tongue: str, at: str | None) -> PanelsPage:
    """The panels within reach; `at` names a consortium and an institution, joined by a dot."""
    names = _Names(work, tongue)
    places = tuple(
        (
            f"{consortium.id}.{member.institution.id}",
            f"{names.institution(member.institution.id)} · {names.consortium(consortium.id)}",
        )
        for consortium in consortia.list_consortia(work)
        for member in consortia.list_members(work, consortium.id)
        if member.institution.stopped_at is None
    )
    chosen = at if at is not None and at in {code for code, _ in places} else ""
    consortium_id, _, institution_id = chosen.partition(".")
    return PanelsPage(
        rows=tuple(names.row(panel) for panel in panels.list_panels(work)),
        places=places,
        at=chosen,
        consortium_id=consortium_id,
        institution_id=institution_id,
        experts=names.experts(institution_id) if institution_id else (),
    )


def make_panel(work: Work, *, tongue: str, panel_id: str) -> PanelPage:
    """One panel."""
    panel = panels.get_panel(work, panel_id)
    names = _Names(work, tongue)
    people = practitioners.names_of(work, panel.member_ids)
    members = [
        PanelMemberRow(
            practitioner_id=member_id,
            name=names.person(people[member_id]),
            title=people[member_id].title,
            is_leader=member_id == panel.leader_id,
        )
        for member_id in panel.member_ids
    ]
    return PanelPage(
        row=names.row(panel),
        revision=panel.revision,
        members=tuple(sorted(members, key=lambda row: (not row.is_leader, row.name))),
        candidates=tuple(
            option
            for option in names.experts(panel.institution_id)
            if option[0] not in panel.member_ids
        ),
        backup_id=backups.find_backup(work, panel.id) or "",
        backups=tuple((each.id, names.panel(each)) for each in backups.list_choices(work, panel)),
    )


class _Names:
    """Names in the reader's language, each looked up once."""

    def __init__(self, work: Work, tongue: str) -> None:
        self._work, self._tongue = work, tongue
        self._institutions: dict[str, str] = {
            str(each.id): in_tongue(tongue, each.name, each.name_en)
            for each in organisations.list_institutions(work)
        }
        self._consortia: dict[str, str] = {
            str(each.id): in_tongue(tongue, each.name, each.name_en)
            for each in consortia.list_consortia(work)
        }

    def institution(self, institution_id: str) -> str:
        return self._institutions.get(institution_id, "")

    def consortium(self, consortium_id: str) -> str:
        return self._consortia.get(consortium_id, "")

    def panel(self, panel: Panel) -> str:
        name = in_tongue(self._tongue, panel.name, panel.name_en)
        return f"{name} · {self.institution(panel.institution_id)}"

    def person(self, name: PersonName) -> str:
        return in_tongue(self._tongue, name.name, name.name_en)

    def row(self, panel: Panel) -> PanelRow:
        leader = practitioners.names_of(self._work, [panel.leader_id])[panel.leader_id]
        return PanelRow(
            id=panel.id,
            name=in_tongue(self._tongue, panel.name, panel.name_en),
            institution=self.institution(panel.institution_id),
            consortium=self.consortium(panel.consortium_id),
            leader=self.person(leader),
            has_leader=panels.has_leader(self._work, panel),
            members=len(panel.member_ids),
            services=tuple(sorted(panel.services)),
            stopped_at=panel.stopped_at,
        )

    def experts(self, institution_id: str) -> tuple[Option, ...]:
        found = affiliations.list_people_with_role(self._work, institution_id, Role.EXPERT)
        people = practitioners.names_of(self._work, [each.practitioner_id for each in found])
        return tuple(
            (each.practitioner_id, self.person(people[each.practitioner_id])) for each in found
        )

"""What the administrator sees of machines."""

from dataclasses import dataclass
from datetime import datetime

from consult.kernel.work import Work
from consult.people.machines import service as machines
from consult.people.machines.model import Machine, Right
from consult.people.organisations import service as organisations
from server.views.admin import Option, options_of
from server.views.sign_in import in_tongue


@dataclass(frozen=True, slots=True)
class MachineView:
    """One line of the list."""

    id: str
    name: str
    institution: str
    rights: tuple[str, ...]
    state: str
    expires_at: datetime | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class MachinesPage:
    """The list, and for which institutions another machine can be let in."""

    rows: tuple[MachineView, ...]
    institutions: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token, shown once."""

    id: str
    token: str


def make_machines(work: Work, *, tongue: str) -> MachinesPage:
    """The machines within reach."""
    reached = {each.id: each for each in organisations.list_institutions(work)}
    return MachinesPage(
        rows=tuple(
            _row(each, in_tongue(tongue, place.name, place.name_en), work.now)
            for each in machines.list_machines(work)
            if (place := reached.get(each.institution_id)) is not None
        ),
        institutions=options_of(
            tongue, [each for each in reached.values() if each.stopped_at is None]
        ),
    )


def _row(machine: Machine, institution: str, now: datetime) -> MachineView:
    state = "open" if machine.is_let_in(now) else "expired"
    return MachineView(
        id=machine.id,
        name=machine.name,
        institution=institution,
        rights=tuple(right.value for right in Right if right in machine.rights),
        state="revoked" if machine.revoked_at is not None else state,
        expires_at=machine.expires_at,
        seen_at=machine.seen_at,
    )

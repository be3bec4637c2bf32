"""What the administrator sees of machines."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from consult.kernel.work import Work
from consult.people.machines import service as machines
from consult.people.machines.model import Heartbeat, Machine, Right, trouble_of
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
    heartbeat: Heartbeat | None
    is_silent: bool
    trouble: str


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


def make_machines(work: Work, *, tongue: str, silent_after: timedelta) -> MachinesPage:
    """The machines within reach; a camera's computer that has been mute for long is named."""
    found = machines.list_machines(work)
    heard = machines.heartbeats_of(work, [each.id for each in found])
    latest = work.now - silent_after
    reached = {each.id: each for each in organisations.list_institutions(work)}
    return MachinesPage(
        rows=tuple(
            _row(
                each,
                in_tongue(tongue, place.name, place.name_en),
                work.now,
                heartbeat=heard.get(each.id),
                latest=latest,
            )
            for each in found
            if (place := reached.get(each.institution_id)) is not None
        ),
        institutions=options_of(
            tongue, [each for each in reached.values() if each.stopped_at is None]
        ),
    )


def _row(
    machine: Machine,
    institution: str,
    now: datetime,
    *,
    heartbeat: Heartbeat | None,
    latest: datetime,
) -> MachineView:
    state = "open" if machine.is_let_in(now) else "expired"
    return MachineView(
        id=machine.id,
        name=machine.name,
        institution=institution,
        rights=tuple(right.value for right in Right if right in machine.rights),
        state="revoked" if machine.revoked_at is not None else state,
        expires_at=machine.expires_at,
        seen_at=machine.seen_at,
        heartbeat=heartbeat,
        is_silent=heartbeat is not None and machine.is_let_in(now) and heartbeat.told_at < latest,
        trouble="" if heartbeat is None else trouble_of(heartbeat.error),
    )

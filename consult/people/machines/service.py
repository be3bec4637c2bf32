"""Machines: let in by an administrator, found by their token on each request, shut out again."""

from collections.abc import Collection, Mapping
from datetime import datetime

from consult.access.model import ObjectType
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Actor, Entry, Work
from consult.people.machines import store
from consult.people.machines.model import Heartbeat, Machine, Right
from consult.people.machines.tables import MachineRow
from consult.people.organisations import scope
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution


def add_machine(
    work: Work,
    *,
    institution_id: str,
    name: str,
    rights: Collection[Right],
    token_hash: str,
    expires_at: datetime | None,
) -> Machine:
    """Let a machine of an institution in; only the hash of its token is kept."""
    scope.require(work, ObjectType.INSTITUTION, institution_id)
    institution = organisations.get_institution(work, institution_id)
    if institution.stopped_at is not None:
        raise RefusedError("institution-stopped", field="institution_id")
    row = MachineRow(
        id=new_id(),
        institution_id=institution.id,
        name=name,
        rights=sorted(rights),
        token_hash=token_hash,
        added_at=work.now,
        added_by=work.actor.person,
        expires_at=expires_at,
    )
    store.save_machine(work.session, row)
    codes = {"institution": institution.id, "rights": " ".join(sorted(rights))}
    work.journal(Entry("machine.added", "machine", row.id, codes=codes, words={"name": name}))
    return store.as_machine(row)


def revoke_machine(work: Work, *, machine_id: str) -> None:
    """Its token opens nothing from now on."""
    row = store.find_machine(work.session, machine_id)
    if row is None:
        raise NotFoundError
    scope.require(work, ObjectType.INSTITUTION, row.institution_id)
    if store.save_revoked(work.session, machine_id, at=work.now):
        work.journal(Entry("machine.revoked", "machine", machine_id))


def list_machines(work: Work) -> list[Machine]:
    """The machines of the institutions within the administrator's reach."""
    reached = scope.visible(work, ObjectType.INSTITUTION)
    return [store.as_machine(row) for row in store.list_machines(work.session, reached)]


def find_machine(work: Work, *, token_hash: str) -> tuple[Machine, Institution, Actor] | None:
    """Which machine a token is, for which institution, and as whom it acts; None for no living one.

    It acts for its institution and nobody else: no person, no consortium, no panel.
    """
    machine = store.find_by_token(work.session, token_hash)
    if machine is None:
        return None
    institution = organisations.get_institution(work, machine.institution_id)
    if institution.stopped_at is not None or not machine.is_let_in(work.now):
        return None
    actor = Actor(None, institution.id, session_id=f"machine:{machine.id}", machine_id=machine.id)
    return machine, institution, actor


def mark_seen(work: Work, *, machine_id: str) -> None:
    """The token is in use."""
    store.save_seen(work.session, machine_id, now=work.now)


def list_cameras(work: Work) -> list[Machine]:
    """The machines of the actor's institution that may send a camera's pictures now."""
    found = store.list_of_institution(work.session, work.actor.institution)
    machines = [store.as_machine(row) for row in found]
    return [
        machine
        for machine in machines
        if Right.SEND_PICTURES in machine.rights and machine.is_let_in(work.now)
    ]


def names_of(work: Work, machine_ids: Collection[str]) -> Mapping[str, str]:
    """What machines are called, for a stage that has asked policy about its own object."""
    return store.names_of(work.session, machine_ids)


def hear(work: Work, *, machine_id: str, told: Heartbeat) -> None:
    """Keep what a machine says of itself; a trouble that comes or goes is written down."""
    before = store.save_heartbeat(work.session, machine_id, told)
    if told.error != before:
        codes: dict[str, str | int | None] = {"error": told.error, "before": before}
        work.journal(Entry("machine.trouble_changed", "machine", machine_id, codes=codes))


def heartbeats_of(work: Work, machine_ids: Collection[str]) -> Mapping[str, Heartbeat]:
    """What each of these machines last said of itself; the caller has listed them."""
    return store.list_heartbeats(work.session, machine_ids)

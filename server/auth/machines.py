"""Machines at the doors of images: a bearer token (RFC 6750) in the place of a cookie."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import hdrs, web

from consult.kernel.work import SYSTEM, Actor, Work
from consult.people.machines import service as machines
from consult.people.machines.model import SEEN_EVERY, Machine
from consult.people.organisations.model import Institution
from consult.people.organisations.zones import keep_zone
from consult.people.sessions.model import BY_TOKEN, SignedIn
from server.auth.cookies import hash_token
from server.keys import UNITS
from server.prefix import path_of
from server.requests import MACHINES_OWN, SIGNED_IN
from server.transactions import as_system, recall_as, utc_now

_BELOW: Final = ("/dicomweb/", "/api/uploads", "/api/machine/")
_SCHEME: Final = "bearer"
_LONGEST: Final = 200
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def read_bearer(request: web.Request) -> str | None:
    """The token of a machine, at the doors where one counts."""
    if not path_of(request).startswith(_BELOW):
        return None
    scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
    if scheme.lower() != _SCHEME:
        return None
    return token.strip()[:_LONGEST]


async def answer_machine(request: web.Request, handler: Handler, token: str) -> web.StreamResponse:
    """Let the machine of this token in; any other token is a stranger's."""
    found = await recall_as(request.app[UNITS], SYSTEM, _find, token_hash=hash_token(token))
    if found is not None:
        machine, institution, actor = found
        request[MACHINES_OWN] = institution
        request[SIGNED_IN] = _as_signed_in(machine, institution, actor)
        if machine.seen_at is None or utc_now() - machine.seen_at > SEEN_EVERY:
            await as_system(request.app, machines.mark_seen, machine_id=machine.id)
    return await handler(request)


def _find(work: Work, *, token_hash: str) -> tuple[Machine, Institution, Actor] | None:
    found = machines.find_machine(work, token_hash=token_hash)
    if found is not None:
        keep_zone(work.session, found[1].zone)
    return found


def _as_signed_in(machine: Machine, institution: Institution, actor: Actor) -> SignedIn:
    now = utc_now()
    return SignedIn(
        actor=actor,
        login="",
        person_name=machine.name,
        person_name_en=machine.name,
        institution_name=institution.name,
        institution_name_en=institution.name_en,
        institution_code=institution.code,
        zone=institution.zone,
        language=None,
        must_change_password=False,
        has_second_factor=False,
        signed_in_by=BY_TOKEN,
        expires_at=machine.expires_at or now,
        seen_at=now,
        locked_at=None,
        emergency_until=None,
        rights=frozenset(right.value for right in machine.rights),
    )

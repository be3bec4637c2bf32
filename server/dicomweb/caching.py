"""Validators and caches: each account's own, asked after the policy, never shared (T2)."""

from typing import Final

from aiohttp import hdrs, web

from consult.kernel.work import Actor
from server.keys import VAULT
from server.requests import signed_in

_LENGTH: Final = 40
_VARY: Final = "Accept, Authorization, Cookie"


def validator_of(request: web.Request, content: str) -> str:
    """A mark of this content for this account: it tells no other account anything."""
    actor: Actor = signed_in(request).actor
    who = actor.machine_id or actor.practitioner_id
    text = f"{who} {actor.institution_id} {content}"
    return request.app[VAULT].blind(text, purpose="etag")[:_LENGTH]


def is_held(request: web.Request, validator: str) -> bool:
    """Whether the client holds it already (RFC 9110 13.1.2)."""
    told = request.if_none_match or ()
    return any(each.value in {validator, "*"} for each in told)


def is_range_valid(request: web.Request, validator: str) -> bool:
    """Whether the part that is asked for is one of this content (RFC 9110 13.1.5)."""
    told = request.headers.get(hdrs.IF_RANGE)
    return told is None or told == f'"{validator}"'


def cache_headers(request: web.Request) -> dict[str, str]:
    """A machine may keep what it asks about each time; on shared computers nothing stays (U18)."""
    kept = "private, no-cache" if signed_in(request).is_machine else "no-store"
    return {hdrs.CACHE_CONTROL: kept, hdrs.VARY: _VARY}


def mark(response: web.StreamResponse, validator: str) -> None:
    """Give the answer its validator."""
    response.headers[hdrs.ETAG] = f'"{validator}"'

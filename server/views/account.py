"""What a person's own account shows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from consult.access.model import Action
from consult.people.sessions.model import Place, Session
from server.auth.peer import network_of
from server.keys import RULES
from server.requests import signed_in
from server.views.sign_in import PlaceView, of_place


@dataclass(frozen=True, slots=True)
class SessionView:
    """One open session: the browser, and of the address only the network."""

    id: str
    browser: str
    network: str
    place: str
    opened_at: datetime
    seen_at: datetime
    is_own: bool


@dataclass(frozen=True, slots=True)
class AccountView:
    """The whole page."""

    login: str
    must_change_password: bool
    has_second_factor: bool
    reads: bool
    places: tuple[PlaceView, ...]
    sessions: tuple[SessionView, ...]


def of_account(
    request: web.Request, places: Sequence[Place], sessions: Sequence[Session]
) -> AccountView:
    """The page of the signed-in person."""
    person = signed_in(request)
    seen = [of_place(request, place, person.actor.affiliation_id) for place in places]
    names = {place.affiliation_id: place.name for place in seen}
    return AccountView(
        login=person.login,
        must_change_password=person.must_change_password,
        has_second_factor=person.has_second_factor,
        reads=request.app[RULES].roles.permits(person.actor, Action.WRITE_REPORT),
        places=tuple(seen),
        sessions=tuple(
            SessionView(
                id=session.id,
                browser=session.client.browser,
                network=network_of(session.client.address),
                place=names.get(session.affiliation_id, ""),
                opened_at=session.opened_at,
                seen_at=session.seen_at,
                is_own=session.is_own,
            )
            for session in sessions
        ),
    )

"""Whether somebody who is in a room may still be: session, screen, role, case, admission."""

from dataclasses import dataclass, replace

from aiohttp import web

from consult.access.model import Action
from consult.cases.model import Case
from consult.discussion.rights import may_read_discussion
from consult.kernel.errors import ConflictError, ForbiddenError, NotFoundError
from consult.kernel.work import Work
from consult.people.sessions import service as sessions
from consult.rooms import service_stay
from consult.rooms.rights import Talks
from server.auth.cookies import hash_token
from server.auth.lock import is_locked
from server.auth.middleware import with_names
from server.keys import RULES, UNITS
from server.requests import TOKEN
from server.transactions import as_system_read, read_as

_NO_MORE = (NotFoundError, ConflictError, ForbiddenError)


def talks_of(app: web.Application) -> Talks:
    """Who may know what is said of a case: as with its discussion (Q-10)."""
    second = app[RULES].second

    def talks(work: Work, case: Case) -> bool:
        return may_read_discussion(work, case, second=second)

    return talks


@dataclass(slots=True)
class Standing:
    """The ground on which one line stands: a session, and a room of a case.

    `process` is the media process that carried the room when that was last asked, 0 before.
    """

    app: web.Application
    token_hash: str
    case_id: str
    room_id: str
    process: int = 0

    async def holds(self) -> bool:
        """Ask everything anew that was asked at the door."""
        app = self.app
        rules = app[RULES]
        found = await as_system_read(
            app,
            sessions.find_signed_in,
            token_hash=self.token_hash,
            rules=rules.sign_in.sessions,
        )
        if found is None or is_locked(app, found):
            return False
        person = with_names(app, found)
        if not rules.roles.permits(person.actor, Action.ENTER_ROOM):
            return False
        actor = replace(person.actor, is_reading=True)
        try:
            place = await read_as(
                app[UNITS],
                actor,
                service_stay.find_place,
                case_id=self.case_id,
                talks=talks_of(app),
            )
        except _NO_MORE:
            return False
        self.process = place.room.process
        return place.room.id == self.room_id


def standing_of(request: web.Request, *, case_id: str, room_id: str) -> Standing:
    """The ground of a line that begins with this request."""
    return Standing(request.app, hash_token(str(request[TOKEN])), case_id, room_id)

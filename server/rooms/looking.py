"""What one line may show of the case's pictures, and what is written down of it.

The media process knows who shows; that a picture is of this case only web can know (0286).
"""

import asyncio
import contextlib
import time
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from consult.access.model import Action
from consult.kernel.errors import ConflictError, ForbiddenError, NotFoundError, UnavailableError
from consult.rooms import service_showing
from server.keys import RULES, TASKS
from server.media.tokens import Sight
from server.requests import signed_in
from server.rooms.standing import talks_of
from server.transactions import in_read, in_unit
from server.views.shared_images import list_shared

_ASKED_EVERY_S: Final = 2.0
_PASSES_BY: Final = (
    NotFoundError,
    ConflictError,
    ForbiddenError,
    UnavailableError,
    TimeoutError,
)
"""What the record is missing then is what it was not allowed, or able, to take."""


def sight_of(request: web.Request) -> Sight:
    """What the role of whoever is signed in may of pictures that are looked at together."""
    roles, actor = request.app[RULES].roles, signed_in(request).actor
    if not roles.permits(actor, Action.SEE_IMAGE):
        return Sight.NONE
    return Sight.SHOW if roles.permits(actor, Action.SHOW_IMAGE) else Sight.LOOK


class Looking:
    """One line's part in looking together."""

    def __init__(self, request: web.Request, case_id: str) -> None:
        self._request, self._case_id = request, case_id
        self._known: frozenset[str] = frozenset()
        self._asked_s: float | None = None
        self._noted = 0

    async def may_say(self, said: Mapping[str, Any]) -> bool:
        """Whether this goes on to the room: a view of a picture of this case, or anything else."""
        if said.get("say") != "view":
            return True
        view = said.get("view")
        image = view.get("image") if isinstance(view, Mapping) else None
        if not isinstance(image, str):
            return False
        if image not in self._known:
            await self._ask_anew()
        return image in self._known

    def note(self, told: Mapping[str, Any]) -> None:
        """Another picture is shown now; it is written down once it has stood for a while."""
        self._noted += 1
        later = self._note_later(self._noted, str(told["image"]), str(told["presenter"]))
        self._request.app[TASKS].start(later, name="picture shown")

    async def _note_later(self, number: int, image_id: str, presenter_id: str) -> None:
        limits = self._request.app[RULES].rooms.limits
        if image_id:
            await asyncio.sleep(limits.shown_after.total_seconds())
        if number != self._noted:
            return
        with contextlib.suppress(*_PASSES_BY):
            await in_unit(
                self._request,
                service_showing.note_shown,
                case_id=self._case_id,
                image_id=image_id,
                presenter_id=presenter_id,
                limits=limits,
                talks=talks_of(self._request.app),
            )

    async def _ask_anew(self) -> None:
        """Pictures come and go while people talk; asked no oftener than every two seconds."""
        now_s = time.monotonic()
        if self._asked_s is not None and now_s - self._asked_s < _ASKED_EVERY_S:
            return
        self._asked_s = now_s
        with contextlib.suppress(*_PASSES_BY):
            found = await in_read(self._request, list_shared, self._case_id)
            self._known = frozenset(each.image_id for each in found)

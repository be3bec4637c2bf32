"""Rendered pictures and thumbnails by WADO-RS (PS3.18 10.4); nothing of them stays in a cache."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.kernel.errors import ConsultError, NotFoundError, RefusedError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.studies import service as studies
from consult.studies.model import Instance, Part, Uids
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError, Refusal
from server.doors import Routes
from server.errors import answer_error
from server.imagery import IMAGERY
from server.imagestore import in_memory, read_blob
from server.keys import JAIL
from server.requests import signed_in
from server.spool import memory_files
from server.threads import in_thread
from server.transactions import in_read
from server.views.pictures import PREVIEW_PX

routes = Routes("wado")
_JPEG: Final = "image/jpeg"
_UID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.]{0,63}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,6}")
_LARGEST_PX: Final = 65_500
_LARGEST_JPEG: Final = 1 << 28
_INSTANCE: Final = "studies/{study}/series/{series}/instances/{instance}"
_OF_INSTITUTION: Final = f"/dicomweb/{{institution}}/{_INSTANCE}"
_OF_ACTING: Final = f"/dicomweb/{_INSTANCE}"


class NotAcceptableError(ConsultError):
    """The client wants another format than JPEG, or the object has no picture."""


@dataclass(frozen=True, slots=True)
class Wish:
    """How a picture is asked for (PS3.18 8.3.5.1)."""

    frame: int
    viewport: tuple[int, int] | None
    quality: int | None
    window: tuple[float, float] | None

    @property
    def is_preview(self) -> bool:
        """Whether the stored preview answers it."""
        plain = self.quality is None and self.window is None and self.frame == 1
        return plain and self.viewport == (PREVIEW_PX, PREVIEW_PX)


@routes.get(f"{_OF_ACTING}/rendered", action=Action.SEE_IMAGE, name="wado.rendered_acting")
@routes.get(f"{_OF_INSTITUTION}/rendered", action=Action.SEE_IMAGE)
async def rendered(request: web.Request) -> web.Response:
    """The first frame as JPEG."""
    return await _answer(request, lambda: _rendered(request, frame=1))


@routes.get(
    f"{_OF_ACTING}/frames/{{frame}}/rendered",
    action=Action.SEE_IMAGE,
    name="wado.rendered_frame_acting",
)
@routes.get(f"{_OF_INSTITUTION}/frames/{{frame}}/rendered", action=Action.SEE_IMAGE)
async def rendered_frame(request: web.Request) -> web.Response:
    """One frame as JPEG."""
    return await _answer(request, lambda: _rendered(request, frame=_frame_in(request)))


@routes.get(f"{_OF_ACTING}/thumbnail", action=Action.SEE_IMAGE, name="wado.thumbnail_acting")
@routes.get(f"{_OF_INSTITUTION}/thumbnail", action=Action.SEE_IMAGE)
async def thumbnail(request: web.Request) -> web.Response:
    """The stored small picture."""
    return await _answer(request, lambda: _thumbnail(request))

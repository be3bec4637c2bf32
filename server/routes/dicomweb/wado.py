"""Rendered pictures and thumbnails by WADO-RS (PS3.18 10.4); nothing of them stays in a cache."""

import os
from typing import Final

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.kernel.errors import NotFoundError
from consult.people.machines.model import Right
from consult.studies.model import Instance, Part
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError, Refusal
from server.dicomweb.errors import NotAcceptableError, speaks_dicomweb
from server.dicomweb.finding import Found, find_instance, successor_header
from server.dicomweb.negotiation import accepted
from server.dicomweb.wishes import Wish, frame_in, params_of, wish_of
from server.doors import Routes
from server.imagery import IMAGERY
from server.imagestore import in_memory, read_blob
from server.keys import JAIL
from server.looking import looked_at
from server.requests import signed_in
from server.spool import memory_files
from server.threads import in_thread

routes = Routes("wado")
_JPEG: Final = "image/jpeg"
_LARGEST_JPEG: Final = 1 << 28
_INSTANCE: Final = "studies/{study}/series/{series}/instances/{instance}"
_OF_INSTITUTION: Final = f"/dicomweb/{{institution}}/{_INSTANCE}"
_OF_ACTING: Final = f"/dicomweb/{_INSTANCE}"


@routes.get(
    f"{_OF_ACTING}/rendered",
    action=Action.SEE_IMAGE,
    right=Right.READ_IMAGES,
    name="wado.rendered_acting",
)
@routes.get(f"{_OF_INSTITUTION}/rendered", action=Action.SEE_IMAGE, right=Right.READ_IMAGES)
@speaks_dicomweb
async def rendered(request: web.Request) -> web.StreamResponse:
    """The first frame as JPEG."""
    return await _rendered(request, frame=1)


@routes.get(
    f"{_OF_ACTING}/frames/{{frame}}/rendered",
    action=Action.SEE_IMAGE,
    right=Right.READ_IMAGES,
    name="wado.rendered_frame_acting",
)
@routes.get(
    f"{_OF_INSTITUTION}/frames/{{frame}}/rendered", action=Action.SEE_IMAGE, right=Right.READ_IMAGES
)
@speaks_dicomweb
async def rendered_frame(request: web.Request) -> web.StreamResponse:
    """One frame as JPEG."""
    return await _rendered(request, frame=frame_in(request))


@routes.get(
    f"{_OF_ACTING}/thumbnail",
    action=Action.SEE_IMAGE,
    right=Right.READ_IMAGES,
    name="wado.thumbnail_acting",
)
@routes.get(f"{_OF_INSTITUTION}/thumbnail", action=Action.SEE_IMAGE, right=Right.READ_IMAGES)
@speaks_dicomweb
async def thumbnail(request: web.Request) -> web.StreamResponse:
    """The stored small picture."""
    return await _thumbnail(request)


async def _rendered(request: web.Request, *, frame: int) -> web.Response:
    _require_jpeg(request)
    wish = wish_of(request, frame)
    found = await find_instance(request)
    instance = found.instance
    if wish.frame > instance.description.frames:
        raise NotFoundError
    if wish.is_preview and Part.PREVIEW in instance.blobs:
        picture = await read_blob(request.app, instance.blobs[Part.PREVIEW])
    else:
        picture = await _render(request.app, instance, wish)
    return _give(request, found, picture, is_thumbnail=False)


async def _thumbnail(request: web.Request) -> web.Response:
    _require_jpeg(request)
    found = await find_instance(request)
    instance = await looked_at(request.app, found.instance)
    if Part.THUMBNAIL not in instance.blobs:
        raise NotAcceptableError("picture-none")
    picture = await read_blob(request.app, instance.blobs[Part.THUMBNAIL])
    return _give(request, found, picture, is_thumbnail=True)


async def _render(app: web.Application, instance: Instance, wish: Wish) -> bytes:
    """The picture from memory, else made in the jail; no pixel is decoded here."""
    room = app[IMAGERY]
    key = (instance.original.sha256, wish)
    kept = room.pictures.find(key)
    if kept is not None:
        return kept
    async with room.renders, in_memory(app, instance.original) as plain:
        with memory_files(1) as outputs:
            try:
                await app[JAIL].run("render", params_of(wish), inputs=[plain], outputs=outputs)
            except JailRefusedError as error:
                if error.reason == Refusal.NO_SUCH_FRAME:
                    raise NotFoundError from None
                raise NotAcceptableError("picture-none") from None
            except (JailCrashedError, JailTimedOutError):
                raise NotAcceptableError("picture-unreadable") from None
            picture = await in_thread(os.pread, outputs[0], _LARGEST_JPEG, 0)
    room.pictures.keep(key, picture)
    return picture


def _give(
    request: web.Request, found: Found, picture: bytes, *, is_thumbnail: bool
) -> web.Response:
    """The JPEG; `no-store`, so that nothing of it stays after sign-out."""
    actor = signed_in(request).actor
    request.app[IMAGERY].viewings.note(actor, found.instance, is_thumbnail=is_thumbnail)
    headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_DISPOSITION: "inline"}
    headers |= successor_header(request, found)
    return web.Response(body=picture, content_type=_JPEG, headers=headers)


def _require_jpeg(request: web.Request) -> None:
    """Accept as a header, or as a query parameter (PS3.18 8.3.3.1)."""
    if not {each.media.name for each in accepted(request)} & {_JPEG, "image/*", "*/*"}:
        raise NotAcceptableError("picture-not-acceptable")

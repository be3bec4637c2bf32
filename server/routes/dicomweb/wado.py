"""One rendered picture or thumbnail by WADO-RS (PS3.18 10.4); nothing of it stays in a cache."""

import os
from typing import Final

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.blobs.store import BlobRef
from consult.kernel.errors import ConsultError, NotFoundError
from consult.people.machines.model import Right
from consult.studies.model import Part
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError, Refusal
from imaging.places import Place
from server.dicomweb.errors import MalformedError, NotAcceptableError, speaks_dicomweb
from server.dicomweb.finding import Found, find_instance, successor_header
from server.dicomweb.picture_forms import form_of_pictures, require_jpeg
from server.dicomweb.playing import play
from server.dicomweb.wishes import JPEG, Wish, annotations_in, params_of, wish_of
from server.doors import Routes
from server.images.imagery import IMAGERY
from server.images.imagestore import in_memory, read_blob
from server.intake.spool import memory_files
from server.keys import JAIL
from server.looks.looking import looked_at
from server.requests import signed_in
from server.threads import in_thread

routes = Routes("wado")
_LARGEST_PICTURE: Final = 1 << 28
_LONGEST_KEPT: Final = 4 << 20
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
    """The first frame as JPEG, or as PNG where that alone is taken; of a video its stream."""
    found = await find_instance(request, with_places=True)
    if found.instance.video is not None:
        return await play(request, found)
    wish = wish_of(request, 1, media=form_of_pictures(request).media)
    return give(request, found, await draw(request.app, found, wish), media=wish.media)


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


async def draw(app: web.Application, found: Found, wish: Wish) -> bytes:
    """The picture from memory, as it is stored, as its JPEG stands in the object, or drawn.

    Raises NotFoundError, NotAcceptableError, MalformedError.
    """
    if wish.frame > found.instance.description.frames:
        raise NotFoundError
    instance = found.instance
    size = instance.description.columns or 0, instance.description.rows or 0
    place = found.places.picture(wish.frame) if found.places is not None else None
    if place is None or not wish.is_whole(size):
        if wish.is_preview_of(size) and Part.PREVIEW in instance.blobs:
            return await _stored(app, found, instance.blobs[Part.PREVIEW])
        return await _render(app, found, wish)
    if place[1] > _LONGEST_KEPT:
        return await read_blob(app, instance.original, wrapped_key=found.wrapped_key, place=place)
    return await _stored(app, found, instance.original, place=place)


async def _stored(
    app: web.Application, found: Found, blob: BlobRef, *, place: Place | None = None
) -> bytes:
    """A small blob or a place in one, kept in memory by its key; whoever asks was let in."""
    pictures, key = app[IMAGERY].pictures, (blob.key, place)
    kept = pictures.find(key)
    if kept is None:
        kept = await read_blob(app, blob, wrapped_key=found.wrapped_key, place=place)
        pictures.keep(key, kept)
    return kept


async def _thumbnail(request: web.Request) -> web.Response:
    require_jpeg(request)
    found = await find_instance(request)
    instance = await looked_at(request.app, found.instance)
    if Part.THUMBNAIL not in instance.blobs:
        raise NotAcceptableError("picture-none")
    picture = await _stored(request.app, found, instance.blobs[Part.THUMBNAIL])
    return give(request, found, picture, media=JPEG, is_thumbnail=True)


async def _render(app: web.Application, found: Found, wish: Wish) -> bytes:
    """The picture from memory, else made in the jail; no pixel is decoded here."""
    room, original = app[IMAGERY], found.instance.original
    key = (original.key, wish)
    kept = room.pictures.find(key)
    if kept is not None:
        return kept
    plain_file = in_memory(app, original, wrapped_key=found.wrapped_key)
    async with room.renders, plain_file as plain:
        with memory_files(1) as outputs:
            try:
                await app[JAIL].run("render", params_of(wish), inputs=[plain], outputs=outputs)
            except JailRefusedError as error:
                raise _refusal_of(error) from None
            except (JailCrashedError, JailTimedOutError):
                raise NotAcceptableError("picture-unreadable") from None
            picture = await in_thread(os.pread, outputs[0], _LARGEST_PICTURE, 0)
    room.pictures.keep(key, picture)
    return picture


def _refusal_of(error: JailRefusedError) -> ConsultError:
    if error.reason == Refusal.NO_SUCH_FRAME:
        return NotFoundError()
    if error.reason == Refusal.INVALID_PARAMS:  # a region beside the picture
        return MalformedError("picture-parameter")
    return NotAcceptableError("picture-none")


def give(
    request: web.Request, found: Found, picture: bytes, *, media: str, is_thumbnail: bool = False
) -> web.Response:
    """The picture; `no-store`, so that nothing of it stays after sign-out."""
    actor = signed_in(request).actor
    request.app[IMAGERY].viewings.note(actor, found.instance, is_thumbnail=is_thumbnail)
    headers: dict[str, str] = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_DISPOSITION: "inline"}
    headers |= successor_header(request, found) | unwritten(request)
    return web.Response(body=picture, content_type=media, headers=headers)


def unwritten(request: web.Request) -> dict[str, str]:
    """The warning that nothing is written into pictures (PS3.18 8.3.5.1.1)."""
    names = annotations_in(request)
    if not names:
        return {}
    said = f"The following annotation values are not supported: {names}"
    return {hdrs.WARNING: f'299 {request.host} "{said}"'}

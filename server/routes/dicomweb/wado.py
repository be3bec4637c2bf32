"""Rendered pictures and thumbnails by WADO-RS (PS3.18 10.4); nothing of them stays in a cache."""

import os
import re
from collections.abc import Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

from aiohttp import hdrs, web

from consult.access.model import Action
from consult.kernel.errors import ConsultError, GoneError, NotFoundError, RefusedError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.studies import service as studies
from consult.studies.errors import InstanceWithdrawnError
from consult.studies.model import Instance, Part, Uids
from imaging.errors import JailCrashedError, JailRefusedError, JailTimedOutError, Refusal
from server.doors import Routes
from server.errors import answer_error
from server.imagery import IMAGERY
from server.imagestore import in_memory, read_blob
from server.keys import JAIL
from server.prefix import PREFIX
from server.requests import signed_in
from server.spool import memory_files
from server.threads import in_thread
from server.transactions import in_read
from server.views.pictures import PREVIEW_PX, urls_of

routes = Routes("wado")
_JPEG: Final = "image/jpeg"
_UID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.]{0,63}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,6}")
_LARGEST_PX: Final = 65_500
_LARGEST_NUMBER: Final = 1e9
_LARGEST_JPEG: Final = 1 << 28
_INSTANCE: Final = "studies/{study}/series/{series}/instances/{instance}"
_OF_INSTITUTION: Final = f"/dicomweb/{{institution}}/{_INSTANCE}"
_OF_ACTING: Final = f"/dicomweb/{_INSTANCE}"


class NotAcceptableError(ConsultError):
    """The client wants another format than JPEG, or the object has no picture."""


@dataclass(frozen=True, slots=True)
class _Found:
    """An object, and the address of the one that corrects it."""

    instance: Instance
    successor: str | None


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
async def rendered(request: web.Request) -> web.StreamResponse:
    """The first frame as JPEG."""
    return await _checked(request, _rendered(request, frame=1))


@routes.get(
    f"{_OF_ACTING}/frames/{{frame}}/rendered",
    action=Action.SEE_IMAGE,
    name="wado.rendered_frame_acting",
)
@routes.get(f"{_OF_INSTITUTION}/frames/{{frame}}/rendered", action=Action.SEE_IMAGE)
async def rendered_frame(request: web.Request) -> web.StreamResponse:
    """One frame as JPEG."""
    return await _checked(request, _rendered(request, frame=_frame_in(request)))


@routes.get(f"{_OF_ACTING}/thumbnail", action=Action.SEE_IMAGE, name="wado.thumbnail_acting")
@routes.get(f"{_OF_INSTITUTION}/thumbnail", action=Action.SEE_IMAGE)
async def thumbnail(request: web.Request) -> web.StreamResponse:
    """The stored small picture."""
    return await _checked(request, _thumbnail(request))


async def _checked(
    request: web.Request, answer: Coroutine[Any, Any, web.Response]
) -> web.StreamResponse:
    """Answer 406 where no JPEG can be given, and never blame a decoder on the server."""
    try:
        return await answer
    except NotAcceptableError as error:
        response = await answer_error(request, error)
        response.set_status(HTTPStatus.NOT_ACCEPTABLE)
        return response


async def _rendered(request: web.Request, *, frame: int) -> web.Response:
    _require_jpeg(request)
    wish = _wish(request, frame)
    found = await _find(request)
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
    found = await _find(request)
    instance = found.instance
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
                await app[JAIL].run("render", _params(wish), inputs=[plain], outputs=outputs)
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
    request: web.Request, found: _Found, picture: bytes, *, is_thumbnail: bool
) -> web.Response:
    """The JPEG; `no-store`, so that nothing of it stays after sign-out."""
    actor = signed_in(request).actor
    request.app[IMAGERY].viewings.note(actor, found.instance, is_thumbnail=is_thumbnail)
    headers = {hdrs.CACHE_CONTROL: "no-store", hdrs.CONTENT_DISPOSITION: "inline"}
    if found.successor is not None:
        place = request.app[PREFIX].address(found.successor)
        headers[hdrs.LINK] = f'<{place}>; rel="successor-version"'  # RFC 5829 3.4
    return web.Response(body=picture, content_type=_JPEG, headers=headers)


async def _find(request: web.Request) -> _Found:
    uids = Uids(*(_uid_in(request, name) for name in ("study", "series", "instance")))
    code = request.match_info.get("institution")
    return await in_read(request, _get_instance, code=code, uids=uids)


def _get_instance(work: Work, *, code: str | None, uids: Uids) -> _Found:
    institution_id: str = work.actor.institution
    if code is not None:
        institution = organisations.find_by_code(work, code)
        if institution is None:
            raise NotFoundError
        institution_id = institution.id
    code = organisations.get_institution(work, institution_id).code
    try:
        instance = studies.get_by_uid(work, institution_id=institution_id, uids=uids)
    except InstanceWithdrawnError as gone:
        raise GoneError("image-withdrawn", replaced_by=_address(work, gone, code)) from None
    return _Found(instance, _address(work, instance, code))


def _address(work: Work, old: Instance | InstanceWithdrawnError, code: str) -> str | None:
    """Where the object that corrects this one is, for whoever may see it."""
    successor = studies.find_successor(work, old.successor_id)
    return None if successor is None else urls_of(successor, institution_code=code).full


def _uid_in(request: web.Request, name: str) -> str:
    text = request.match_info[name]
    if _UID.fullmatch(text) is None:
        raise NotFoundError
    return text


def _frame_in(request: web.Request) -> int:
    text = request.match_info["frame"]
    if _NUMBER.fullmatch(text) is None:
        raise NotFoundError
    return int(text)


def _require_jpeg(request: web.Request) -> None:
    """Accept as a header, or as a query parameter (PS3.18 8.3.3.1)."""
    wanted = request.query.get("accept") or request.headers.get(hdrs.ACCEPT) or "*/*"
    kinds = {part.partition(";")[0].strip().lower() for part in wanted.split(",")}
    if not kinds & {_JPEG, "image/*", "*/*"}:
        raise NotAcceptableError("picture-not-acceptable")


def _wish(request: web.Request, frame: int) -> Wish:
    """The query's parameters; a part of the picture (viewport with a region) is not offered."""
    viewport = _whole_numbers(request, "viewport", 2)
    quality = _whole_numbers(request, "quality", 1)
    if quality is not None and not 1 <= quality[0] <= 100:  # noqa: PLR2004 - PS3.18 8.3.5.1.2
        raise _wrong("quality")
    return Wish(
        frame=frame,
        viewport=None if viewport is None else (viewport[0], viewport[1]),
        quality=None if quality is None else quality[0],
        window=_window_in(request),
    )


def _whole_numbers(request: web.Request, name: str, count: int) -> tuple[int, ...] | None:
    text = request.query.get(name)
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) != count or any(_NUMBER.fullmatch(part) is None for part in parts):
        raise _wrong(name)
    numbers = tuple(int(part) for part in parts)
    if max(numbers) > _LARGEST_PX:
        raise _wrong(name)
    return numbers


def _window_in(request: web.Request) -> tuple[float, float] | None:
    text = request.query.get("window")
    if text is None:
        return None
    centre, _, rest = text.partition(",")
    width, _, function = rest.partition(",")
    try:
        window = float(centre), float(width)
    except ValueError:
        raise _wrong("window") from None
    is_finite = abs(window[0]) < _LARGEST_NUMBER and 0 < window[1] < _LARGEST_NUMBER
    if function not in {"", "linear"} or not is_finite:
        raise _wrong("window")
    return window


def _wrong(name: str) -> RefusedError:
    return RefusedError("picture-parameter", field=name)


def _params(wish: Wish) -> dict[str, int | float]:
    params: dict[str, int | float] = {"frame": wish.frame}
    if wish.viewport is not None:
        params |= {"max_width": wish.viewport[0], "max_height": wish.viewport[1]}
    if wish.quality is not None:
        params["quality"] = wish.quality
    if wish.window is not None:
        params |= {"centre": wish.window[0], "width": wish.window[1]}
    return params

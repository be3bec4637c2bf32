"""Playing back what was recorded of a case: the page, the tracks by ranges, a track as a file."""

from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import hdrs, web
from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.blobs.store import BlobRef, open_range
from consult.kernel.errors import NotFoundError
from consult.rooms.recordings import kept
from consult.rooms.recordings.model import KeptTrack
from server.dicomweb.caching import mark, validator_of
from server.dicomweb.errors import speaks_dicomweb
from server.dicomweb.multipart import send
from server.dicomweb.ranges import find_range, tell_range
from server.doors import Routes
from server.i18n import N_
from server.images.downloads import export_reason, plain_pieces, send_file, wrapped_keys
from server.images.imagestore import wrapped_key_of
from server.keys import BLOBS, RULES, SETTINGS, VAULT
from server.media.recording.shown import SHOWN
from server.pages import render
from server.recordings.clusters import read_shown
from server.requests import language, path_id
from server.rooms.standing import talks_of
from server.security import PLAYER_POLICY, POLICY, VIEWER_POLICY
from server.threads import in_thread
from server.transactions import in_read, in_unit
from server.views import cases as case_views
from server.views.playback import container_of, make_playback
from server.views.sign_in import as_json

routes = Routes("playback")


class ShownAnswer(BaseModel):
    """What the room told of its pictures, hands and lines, each after how many milliseconds."""

    said: list[tuple[int, dict[str, Any]]]


NEEDED = (Action.SEE_NAME, Action.SEE_IMAGE)
MOST_AT_ONCE = 4 << 20
"""Bytes of one answer to a range: a player that has enough for now holds no longer one open."""
_INERT = "sandbox; default-src 'none'; frame-ancestors 'none'"
_TRACK = "/cases/{case_id}/recordings/{recording_id}/tracks/{track_id}"


@routes.get(
    "/cases/{case_id}/recordings/{recording_id}",
    action=Action.READ_DISCUSSION,
    needs=NEEDED,
    owns=ObjectType.CASE,
)
async def show(request: web.Request) -> web.Response:
    """The recording with both sides in step; opening it is a line of the journal."""
    page = await in_unit(
        request,
        make_playback,
        case_id=path_id(request, "case_id"),
        recording_id=path_id(request, "recording_id"),
        rules=request.app[RULES],
        talks=talks_of(request.app),
        has_mixer=request.app[SETTINGS].recording_mixer is not None,
    )
    answer = await render(
        request,
        "playback/show.html",
        title=N_("Recording of the video consultation"),
        page=page,
        viewing=request.app[RULES].viewing.told_in(language(request)),
        **case_views.words_for(request),
    )
    answer.headers[POLICY] = PLAYER_POLICY if page.replay is None else VIEWER_POLICY
    return answer


@routes.get(_TRACK, action=Action.READ_DISCUSSION, needs=NEEDED, owns=ObjectType.CASE)
@speaks_dicomweb
async def play(request: web.Request) -> web.StreamResponse:
    """One track, or the range of it that a player asks for; its beginning is journalled."""
    ids = {name: path_id(request, name) for name in ("case_id", "recording_id", "track_id")}
    talks = talks_of(request.app)
    track = await in_read(request, kept.get_track, **ids, talks=talks)
    size = track.blob.size_bytes
    validator = validator_of(request, f"{track.blob.sha256} track")
    asked = find_range(request, size, validator)
    start, stop = asked or (0, size)
    if asked is not None:
        stop = min(stop, start + MOST_AT_ONCE)
    if start == 0:
        await in_unit(request, kept.play_track, **ids, talks=talks)
    response = web.StreamResponse(headers=_headers(track))
    mark(response, validator)
    tell_range(response, start, stop, size)
    return await send(request, response, _read(request.app, track.blob, start, stop))


@routes.get(
    f"{_TRACK}/file",
    action=Action.DOWNLOAD_ORIGINAL,
    needs=(Action.READ_DISCUSSION, *NEEDED),
    owns=ObjectType.CASE,
    takes_out=True,
)
async def download(request: web.Request) -> web.StreamResponse:
    """One track as a file that leaves the house, with its reason (a right of its own)."""
    ids = {name: path_id(request, name) for name in ("case_id", "recording_id", "track_id")}
    track = await in_unit(
        request,
        kept.take_out_track,
        **ids,
        reason=export_reason(request).value,
        talks=talks_of(request.app),
    )
    blob = track.blob
    keys = await wrapped_keys(request.app, [blob])
    kind, ending = container_of(track)
    digest = b64encode(bytes.fromhex(blob.sha256)).decode()
    return await send_file(
        request,
        plain_pieces(request.app, blob, keys),
        name=f"recording-{track.id}.{ending}",
        content_type=kind,
        more={"Repr-Digest": f"sha-256=:{digest}:"},
    )


@routes.get(
    f"/api{_TRACK}/shown",
    action=Action.READ_DISCUSSION,
    needs=NEEDED,
    owns=ObjectType.CASE,
    answer=ShownAnswer,
)
async def shown(request: web.Request) -> web.Response:
    """What was looked at together while it was recorded, for whoever plays it; journalled."""
    ids = {name: path_id(request, name) for name in ("case_id", "recording_id", "track_id")}
    track = await in_unit(request, kept.play_track, **ids, talks=talks_of(request.app))
    if track.kind != SHOWN:
        raise NotFoundError
    blob, key = track.blob, await wrapped_key_of(request.app, track.blob.institution_id)
    app = request.app
    pieces = open_range(
        app[BLOBS], app[VAULT], blob, institution_key=key, start=0, length=blob.size_bytes
    )
    return as_json(ShownAnswer(said=await in_thread(read_shown, pieces)))


def _headers(track: KeptTrack) -> dict[str, str]:
    return {
        hdrs.CONTENT_TYPE: container_of(track)[0],
        hdrs.CACHE_CONTROL: "no-store",
        hdrs.CONTENT_DISPOSITION: "inline",
        hdrs.CONTENT_SECURITY_POLICY: _INERT,
    }


async def _read(
    app: web.Application, blob: BlobRef, start: int, stop: int
) -> AsyncIterator[bytes | bytearray]:
    """The plain bytes, each piece checked before it is given out."""
    key = await wrapped_key_of(app, blob.institution_id)
    pieces = open_range(
        app[BLOBS], app[VAULT], blob, institution_key=key, start=start, length=stop - start
    )
    while (piece := await in_thread(next, pieces, None)) is not None:
        yield piece

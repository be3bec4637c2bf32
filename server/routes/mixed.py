"""A recording as one picture and one sound, for whoever has a plain player (0315)."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from aiohttp import web

from consult.access.model import Action, ObjectType
from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.kernel.errors import RefusedError
from consult.rooms.recordings import kept
from server.doors import Routes
from server.images.downloads import export_reason, plain_pieces, wrapped_keys
from server.keys import MIXING, RULES, SETTINGS
from server.media.recording.sealing import RecordingDamagedError
from server.recordings.joining import JoinedFile, Joining, TooManyTracksError
from server.recordings.mixer import Mixing, NotMixedError, Opening
from server.recordings.mixing import TooMuchToMixError
from server.requests import path_id
from server.rooms.standing import talks_of
from server.threads import in_thread
from server.transactions import in_read, in_unit
from server.views.mixed import MixedRecording, make_mixed

routes = Routes("mixed")
_NOT_WHOLE = (BlobDamagedError, BlobMissingError, RecordingDamagedError, TooManyTracksError)


@routes.get(
    "/cases/{case_id}/recordings/{recording_id}/mixed",
    action=Action.DOWNLOAD_ORIGINAL,
    needs=(Action.READ_DISCUSSION, Action.SEE_NAME, Action.SEE_IMAGE),
    owns=ObjectType.CASE,
    takes_out=True,
)
async def download(request: web.Request) -> web.StreamResponse:
    """The whole recording as WebM with its pictures beside each other, with its reason."""
    app, talks, reason = request.app, talks_of(request.app), export_reason(request).value
    ids = {name: path_id(request, name) for name in ("case_id", "recording_id")}
    terms = app[RULES].terms
    try:
        found = await in_read(request, make_mixed, **ids, talks=talks, terms=terms)
    except TooMuchToMixError:
        raise RefusedError("recording-not-mixed") from None
    program = app[SETTINGS].recording_mixer
    if program is None:
        raise RefusedError("recording-no-mixer")
    if app[MIXING].locked():
        raise RefusedError("recording-mixer-busy")
    async with app[MIXING]:
        openings = await _checked(app, found)
        await in_unit(request, kept.take_out_recording, **ids, reason=reason, talks=talks)
        return await _send(request, program, found, openings)


async def _checked(app: web.Application, found: MixedRecording) -> Sequence[Opening]:
    """Each track, read through once: what is damaged is said before anything leaves."""
    keys = await wrapped_keys(app, [each.blob for each in found.kept])
    openings = [partial(plain_pieces, app, each.blob, keys) for each in found.kept]
    files = [
        JoinedFile(track.name, track.is_picture, track.starts_ms, opening)
        for track, opening in zip(found.tracks, openings, strict=True)
    ]
    try:
        await in_thread(Joining(files).measure)
    except _NOT_WHOLE:
        raise RefusedError("recording-not-mixed") from None
    return openings


async def _send(
    request: web.Request, program: Path, found: MixedRecording, openings: Sequence[Opening]
) -> web.StreamResponse:
    name = f"recording-{path_id(request, 'recording_id')}.webm"
    response = web.StreamResponse(
        headers={
            "Cache-Control": "no-store",
            "Content-Type": "video/webm",
            "Content-Disposition": f'attachment; filename="{name}"',
        }
    )

    async def write(piece: bytes) -> None:
        if not response.prepared:
            await response.prepare(request)
        await response.write(piece)

    try:
        await Mixing(program, found.tracks, openings, found.length_ms).make(write)
    except NotMixedError:
        if not response.prepared:
            raise RefusedError("recording-not-mixed") from None
        response.force_close()
        if request.transport is not None:
            request.transport.abort()  # so that it never looks whole
        return response
    await response.write_eof()
    return response

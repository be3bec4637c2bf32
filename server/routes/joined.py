"""A recording as one file that plays alone: all its tracks, in step, made as it leaves."""

from functools import partial

from aiohttp import hdrs, web

from consult.access.model import Action, ObjectType
from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.kernel.errors import RefusedError
from consult.rooms.recordings import kept
from server.doors import Routes
from server.images.downloads import export_reason, plain_pieces, send_file, wrapped_keys
from server.keys import RULES
from server.media.recording.sealing import RecordingDamagedError
from server.recordings.joining import JoinedFile, Joining, TooManyTracksError
from server.requests import path_id
from server.rooms.standing import talks_of
from server.threads import in_thread
from server.transactions import in_read, in_unit
from server.views.joined import make_joined

routes = Routes("joined")
_NOT_JOINED = (BlobDamagedError, BlobMissingError, RecordingDamagedError, TooManyTracksError)


@routes.get(
    "/cases/{case_id}/recordings/{recording_id}/file",
    action=Action.DOWNLOAD_ORIGINAL,
    needs=(Action.READ_DISCUSSION, Action.SEE_NAME, Action.SEE_IMAGE),
    owns=ObjectType.CASE,
    takes_out=True,
)
async def download(request: web.Request) -> web.StreamResponse:
    """The whole recording as one Matroska file, with its reason (a right of its own)."""
    app, talks, reason = request.app, talks_of(request.app), export_reason(request).value
    ids = {name: path_id(request, name) for name in ("case_id", "recording_id")}
    found = await in_read(request, make_joined, **ids, talks=talks, terms=app[RULES].terms)
    keys = await wrapped_keys(app, [each.track.blob for each in found])
    joining = Joining(
        [
            JoinedFile(
                each.name,
                each.is_picture,
                each.starts_ms,
                partial(plain_pieces, app, each.track.blob, keys),
            )
            for each in found
        ]
    )
    try:
        size_bytes = await in_thread(joining.measure)
    except _NOT_JOINED:
        raise RefusedError("recording-not-joined") from None
    await in_unit(request, kept.take_out_recording, **ids, reason=reason, talks=talks)
    return await send_file(
        request,
        joining.write(),
        name=f"recording-{ids['recording_id']}.mkv",
        content_type="video/x-matroska",
        more={hdrs.CONTENT_LENGTH: str(size_bytes)},
    )

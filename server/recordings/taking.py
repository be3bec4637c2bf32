"""Parts leave the outbox of the media process: opened, checked, encrypted, written down.

A part is known by (source, sequence): whoever dies between two steps does the rest again, and what
was stored before a row named it is taken away. What does not open stays where it lies.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import structlog
from aiohttp import web

from consult.blobs.store import Saving
from consult.kernel.ids import PractitionerId, new_id
from consult.rooms.recordings import kept
from consult.rooms.recordings.model import KeptPart, KeptTrack
from server.images.imagery import IMAGERY
from server.images.imagestore import keeping_ledger, wrapped_key_of
from server.keys import ASIDE_PARTS, BLOBS, MEDIA, SETTINGS, VAULT
from server.media.recording.manifest import FILE, Manifest, TrackFacts, read_manifest
from server.media.recording.sealing import RecordingDamagedError
from server.recordings.reading import measure_track, write_track
from server.rooms.placing import RoomsAwayError, ask_media
from server.threads import in_thread
from server.transactions import as_system, as_system_read

log = structlog.get_logger()
TAKE_EVERY_S: Final = 2.0
_NOT_OURS: Final = (RecordingDamagedError, ValueError, TypeError, KeyError)


@dataclass(frozen=True, slots=True)
class _Taking:
    """One part on its way: where it comes from, where it goes, and what names its bytes so far."""

    app: web.Application
    place: kept.Place
    folder: Path
    manifest: Manifest
    wrapped_key: bytes
    ledger: str


async def take_parts(app: web.Application) -> None:
    """Standing: take in every part that waits, the oldest first."""
    if MEDIA not in app:
        return
    try:
        told = await ask_media(app, "outbox")
        for each in told.get("parts", ()):
            await _take(app, str(told["source"]), each)
    except RoomsAwayError:
        return  # it waits, and is taken when the process is back


async def _take(app: web.Application, source: str, told: dict[str, Any]) -> None:
    """One part; what was taken before is only acknowledged again."""
    recording_id, sequence = str(told["recording"]), int(told["sequence"])
    if (source, sequence) in app[ASIDE_PARTS]:
        return
    place = await as_system_read(
        app, kept.find_place, recording_id=recording_id, source=source, sequence=sequence
    )
    try:
        if place is None:
            raise RecordingDamagedError
        if not place.is_kept:
            await _keep(app, place, Path(str(told["folder"])))
    except _NOT_OURS as failed:
        app[ASIDE_PARTS].add((source, sequence))
        error = type(failed).__name__
        log.error("recording not taken", object_id=recording_id, error=error)  # noqa: TRY400 - the part is named
        return
    await ask_media(app, "acknowledge", source=source, sequence=sequence)


async def _keep(app: web.Application, place: kept.Place, folder: Path) -> None:
    """Store every track of a part, and then the rows that name them."""
    text = await in_thread(_read_manifest, app[SETTINGS].data_dir / "media", folder)
    manifest = read_manifest(text)
    wrapped_key = await wrapped_key_of(app, place.institution_id)
    async with keeping_ledger(app) as ledger:
        taking = _Taking(app, place, folder, manifest, wrapped_key, ledger)
        found = [await in_thread(_keep_track, taking, facts) for facts in manifest.tracks]
        part = KeptPart(
            source=manifest.source,
            sequence=manifest.sequence,
            recording_id=manifest.recording,
            began_at=datetime.fromisoformat(manifest.began_at),
            ended_at=datetime.fromisoformat(manifest.ended_at) if manifest.ended_at else None,
            code=manifest.code,
            manifest=json.loads(text),
            tracks=[each for each in found if each is not None],
        )
        await as_system(app, kept.keep_part, part=part)


def _read_manifest(root: Path, folder: Path) -> bytes:
    """Only what lies in the house's own folder is read, whatever the process names."""
    if not folder.resolve().is_relative_to(root.resolve()):
        raise RecordingDamagedError
    return (folder / FILE).read_bytes()


def _keep_track(taking: _Taking, facts: TrackFacts) -> KeptTrack | None:
    """One file into the store; None where it holds no frame. Raises RecordingDamagedError."""
    if not facts.bytes or not facts.first_at:
        return None
    app, place, manifest = taking.app, taking.place, taking.manifest
    path = taking.folder / Path(facts.file).name
    found = measure_track(path, facts, place.key)
    if not found.measured.blocks:
        return None
    blob_key = f"{place.institution_id}/{new_id()}"
    app[IMAGERY].spool.note_key(taking.ledger, blob_key)
    saving = Saving(app[BLOBS], app[VAULT], key=blob_key, institution_key=taking.wrapped_key)
    try:
        write_track(path, facts, place.key, found, saving.add)
        blob = saving.finish()
    finally:
        saving.drop()
    return KeptTrack(
        id=new_id(),
        source=manifest.source,
        sequence=manifest.sequence,
        person_id=PractitionerId(facts.participant.partition("/")[0]),
        kind=facts.source,
        codec=facts.codec.partition("/")[0],
        first_at=datetime.fromisoformat(facts.first_at),
        length_ms=round(found.measured.ends_ms),
        lost=facts.lost,
        is_whole=facts.is_whole,
        recorded_sha256=found.sha256,
        blob=blob,
    )

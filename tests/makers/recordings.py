"""Recordings for tests: clips that a light peer plays in real time, and parts that are opened."""

import asyncio
import hashlib
import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from server.media.recording.sealing import open_sealed
from tests.makers import clips
from tests.makers.clips import Piece
from tests.makers.light_peer import LightPeer
from tests.makers.media_house import MediaHouse

_RATES = {"microphone": 48_000, "camera": 90_000}
_REPORT_EVERY_S = 0.2


@dataclass
class Player:
    """A peer's clock, and the times that its tracks begin with: no two are alike.

    `sent_s` is until when of each track was sent, from the beginning.

    `late_s` is how much later than it was made the sound of this peer goes out.
    """

    peer: LightPeer
    codec: str = "vp8"
    late_s: float = 0.0
    reports: bool = True
    lose: frozenset[int] = frozenset()
    skew_s: float = field(default_factory=lambda: 3e9 + secrets.randbelow(10**8))
    starts: Mapping[str, int] = field(
        default_factory=lambda: {name: secrets.randbelow(1 << 32) for name in _RATES}
    )
    began_s: float = 0.0
    sent_s: dict[str, float] = field(default_factory=lambda: dict.fromkeys(_RATES, 0.0))

    async def play(self, shown: Sequence[Piece] = (), heard: Sequence[Piece] = ()) -> None:
        """Play these beside each other, from now; `began_s` is when, since 1970."""
        now_s = asyncio.get_running_loop().time()
        self.began_s = time.time()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._show(shown, now_s))
            group.create_task(self._sound(heard, now_s))
            if self.reports:
                last_s = max((piece.at_s for piece in (*shown, *heard)), default=0.0)
                group.create_task(self._report(now_s, last_s))

    def stamp(self, source: str, at_s: float) -> int:
        """A track's time."""
        return self.starts[source] + round(at_s * _RATES[source])

    async def _show(self, shown: Sequence[Piece], began_s: float) -> None:
        for number, piece in enumerate(shown):
            await _wait_until(began_s + piece.at_s)
            packets = clips.in_packets(piece.data, self.codec)
            for place, payload in enumerate(packets):
                if number in self.lose:
                    self.peer.skip("camera")
                    continue
                await self.peer.send_payload(
                    "camera",
                    payload,
                    stamp=self.stamp("camera", piece.at_s),
                    is_last=place == len(packets) - 1,
                    codec=self.codec,
                )
            self.sent_s["camera"] = piece.at_s

    async def _sound(self, heard: Sequence[Piece], began_s: float) -> None:
        for piece in heard:
            await _wait_until(began_s + piece.at_s + self.late_s)
            stamp = self.stamp("microphone", piece.at_s)
            await self.peer.send_payload("microphone", piece.data, stamp=stamp, is_last=False)
            self.sent_s["microphone"] = piece.at_s

    async def _report(self, began_s: float, last_s: float) -> None:
        loop = asyncio.get_running_loop()
        while (at_s := loop.time() - began_s) < last_s:
            for source in _RATES:
                stamp = self.stamp(source, at_s)
                await self.peer.report(source, ntp_s=self.skew_s + loop.time(), stamp=stamp)
            await asyncio.sleep(_REPORT_EVERY_S)


@dataclass(frozen=True)
class OpenedTrack:
    """One file of a part, opened with the recording's key."""

    path: Path
    facts: dict[str, Any]
    is_whole: bool

    @property
    def first_s(self) -> float:
        """When its first frame was made, since 1970."""
        return datetime.fromisoformat(self.facts["first_at"]).timestamp()


@dataclass(frozen=True)
class OpenedPart:
    """A part as web would take it."""

    manifest: dict[str, Any]
    tracks: dict[tuple[str, str], list[OpenedTrack]]

    def track(self, participant: str, source: str) -> OpenedTrack:
        """The only file of this source."""
        (found,) = self.tracks[participant, source]
        return found


async def take_parts(media: MediaHouse, recording: str, key: str, into: Path) -> list[OpenedPart]:
    """The parts of this recording that wait in the outbox, each held to its hashes."""
    told = await media.desk.ask("outbox")
    return [
        open_part(Path(each["folder"]), key, into / str(each["sequence"]))
        for each in told["parts"]
        if each["recording"] == recording
    ]


def open_part(folder: Path, key: str, into: Path) -> OpenedPart:
    """Open every file, and hold each to what the manifest says of it."""
    into.mkdir(parents=True)
    manifest = json.loads((folder / "manifest.json").read_text())
    names = {each["file"] for each in manifest["tracks"]}
    assert {each.name for each in folder.iterdir()} == {"manifest.json", *names}
    tracks: dict[tuple[str, str], list[OpenedTrack]] = {}
    for facts in manifest["tracks"]:
        stored = (folder / facts["file"]).read_bytes()
        assert len(stored) == facts["bytes"]
        assert hashlib.sha256(stored).hexdigest() == facts["sha256"]
        path = into / facts["file"].removesuffix(".sealed")
        with (folder / facts["file"]).open("rb") as file, path.open("wb") as plain:
            is_whole = open_sealed(file.read, bytes.fromhex(key), plain.write)
        if is_whole:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == facts["webm_sha256"]
        assert is_whole is facts["is_whole"]
        opened = OpenedTrack(path, facts, is_whole)
        tracks.setdefault((facts["participant"], facts["source"]), []).append(opened)
    return OpenedPart(manifest, tracks)


async def _wait_until(at_s: float) -> None:
    await asyncio.sleep(max(at_s - asyncio.get_running_loop().time(), 0))

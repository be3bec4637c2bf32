"""One part as it is being written: its folder, its files, and its manifest."""

from pathlib import Path

from server.media.recording.manifest import CLOSED, Manifest, TrackFacts, format_instant
from server.media.recording.outbox import Outbox, write_manifest
from server.media.recording.rules import RecordingRules
from server.media.recording.track_file import TrackFile


class TooManyFilesError(Exception):
    """A participant begins anew too often."""


class Part:
    """Threads write it, one at a time; `unix_s` is how far our steady clock is behind 1970."""

    def __init__(
        self, folder: Path, manifest: Manifest, key: bytes, rules: RecordingRules, unix_s: float
    ) -> None:
        self.rules = rules
        self.manifest = manifest
        self.not_before_s = 0.0
        self.is_changed = False
        self._folder, self._key, self._unix_s = folder, key, unix_s

    @property
    def bytes(self) -> int:
        """How much of it is on the disk."""
        return sum(facts.bytes for facts in self.manifest.tracks)

    def instant(self, at_s: float) -> str:
        """A moment of our steady clock, as the manifest says it."""
        return format_instant(at_s + self._unix_s)

    def add_file(self, participant: str, source: str, codec: str) -> TrackFile:
        """A file more; raises OSError, and TooManyFilesError."""
        tracks = self.manifest.tracks
        if len(tracks) >= self.rules.most_files:
            raise TooManyFilesError
        facts = TrackFacts(f"{len(tracks) + 1}.webm.sealed", participant, source, codec)
        made = TrackFile(self._folder, facts, self._key, self.rules.cluster_s)
        tracks.append(facts)
        self.is_changed = True
        return made

    def pause(self, at_s: float) -> None:
        """Nothing is written from here on."""
        self.manifest.gaps.append({"from_at": self.instant(at_s), "to_at": "", "code": "paused"})

    def resume(self, at_s: float) -> None:
        """What is made from here on is written again."""
        self.not_before_s = at_s
        if self.manifest.gaps:
            self.manifest.gaps[-1]["to_at"] = self.instant(at_s)

    def save(self) -> None:
        """Have the manifest on the disk; raises OSError."""
        write_manifest(self._folder, self.manifest)
        self.is_changed = False

    def close(self, at_s: float, code: str) -> None:
        """The last words; raises OSError."""
        self.manifest.state, self.manifest.code = CLOSED, code
        self.manifest.ended_at = self.instant(at_s)
        self.save()


def begin_part(
    outbox: Outbox,
    manifest: Manifest,
    key: bytes,
    rules: RecordingRules,
    began_s: tuple[float, float],
) -> Part:
    """A folder with a manifest on the disk; `began_s` by our steady clock and since 1970.

    Raises OSError, and leaves nothing then.
    """
    steady_s, unix_s = began_s
    manifest.source = outbox.source
    manifest.sequence, folder = outbox.add_part()
    try:
        part = Part(folder, manifest, key, rules, unix_s - steady_s)
        part.not_before_s = steady_s
        part.save()
    except OSError:
        outbox.drop_part(folder)
        raise
    return part

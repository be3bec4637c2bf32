"""A recording as it is mixed: each kept file, whose it is, and from when to when it is shown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from consult.kernel.work import Work
from consult.rooms.recordings import kept
from consult.rooms.recordings.model import KeptTrack
from consult.rooms.rights import Talks
from server.recordings.mixing import MixedTrack, choose
from server.terms import Terms
from server.views.joined import make_joined
from server.views.playback import pauses_of


@dataclass(frozen=True, slots=True)
class MixedRecording:
    """What is mixed, in one order, and how long the whole is."""

    tracks: Sequence[MixedTrack]
    kept: Sequence[KeptTrack]
    length_ms: int


def make_mixed(
    work: Work, *, case_id: str, recording_id: str, talks: Talks, terms: Terms
) -> MixedRecording:
    """Sounds, and pictures with people before screens; raises TooMuchToMixError, NotFoundError."""
    ids = {"case_id": case_id, "recording_id": recording_id}
    joined = make_joined(work, **ids, talks=talks, terms=terms)
    joined = sorted(joined, key=lambda each: (each.track.kind == "screen", each.starts_ms))
    parts = kept.get_recording(work, **ids, talks=talks).parts
    if not joined:
        return MixedRecording((), (), 0)
    first = min(joined, key=lambda each: each.track.first_at)
    begins_at = first.track.first_at
    pauses = {(part.source, part.sequence): pauses_of(part, begins_at) for part in parts}
    tracks = [
        MixedTrack(
            each.name,
            each.is_picture,
            each.track.codec,
            each.starts_ms,
            _without(
                (each.starts_ms, each.starts_ms + each.track.length_ms),
                pauses[each.track.source, each.track.sequence],
            ),
        )
        for each in joined
    ]
    chosen = choose(tracks)
    return MixedRecording(
        [tracks[place] for place in chosen],
        [joined[place].track for place in chosen],
        max(tracks[place].shown_ms[-1][1] for place in chosen),
    )


def _without(whole: tuple[int, int], pauses: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of a stretch of time; its end always is."""
    found, at_ms = [], whole[0]
    for from_ms, to_ms in sorted(pauses):
        if at_ms < from_ms < whole[1]:
            found.append((at_ms, from_ms))
        at_ms = max(at_ms, to_ms)
    return [*found, (min(at_ms, whole[1]), whole[1])]

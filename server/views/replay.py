"""What was looked at together in a recorded call, shown again beside the voices."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.rooms.links import service as links
from consult.rooms.recordings import kept
from server.media.recording.shown import SHOWN
from server.media.tokens import Sight
from server.rules.rulebook import Rulebook
from server.views.rooms import named_guest
from server.views.shared_images import Looks, make_looks


@dataclass(frozen=True, slots=True)
class ShownTrack:
    """Where a track of it begins on the line of time of the whole recording, in milliseconds."""

    id: str
    starts_ms: int


@dataclass(frozen=True, slots=True)
class Replay:
    """The pictures as the reader may see them, and whose hands there are, by both names."""

    looks: Looks
    tracks: Sequence[ShownTrack]
    people: Mapping[str, tuple[str, str]]

    @property
    def told(self) -> list[dict[str, object]]:
        """The tracks as the page's script reads them."""
        return [{"id": each.id, "starts_ms": each.starts_ms} for each in self.tracks]


def make_replay(
    work: Work, playable: kept.Playable, begins_at: datetime, rules: Rulebook
) -> Replay | None:
    """None where nothing was shown."""
    tracks = [
        ShownTrack(track.id, round((track.first_at - begins_at).total_seconds() * 1000))
        for part in playable.parts
        for track in part.tracks
        if track.kind == SHOWN
    ]
    looks = make_looks(work, playable.case, rules, Sight.LOOK) if tracks else None
    return None if looks is None else Replay(looks, tracks, _people(work, playable, rules))


def _people(work: Work, playable: kept.Playable, rules: Rulebook) -> Mapping[str, tuple[str, str]]:
    """Everybody who answered, for nobody else is in a recording."""
    by_link = links.guests_in(work, [playable.recording.room_id])
    answered = [str(each.person_id) for each in playable.answers]
    names = practitioners.names_of(work, [each for each in answered if each not in by_link])
    found = {str(each): (name.name, name.name_en) for each, name in names.items()}
    for person_id in answered:
        if person_id in by_link:
            told = named_guest(by_link[person_id], rules.terms, tells_identity=False)
            found[person_id] = told.name, told.name_en
    return found

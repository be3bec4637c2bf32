"""A recording as one file: its tracks in one time, each named by the part that a person had."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.kernel.work import Work
from consult.rooms.links import service as links
from consult.rooms.links.model import Link
from consult.rooms.recordings import kept
from consult.rooms.recordings.model import KeptTrack
from consult.rooms.rights import Talks
from server.i18n import CHINESE, ENGLISH
from server.media.recording.shown import SHOWN
from server.terms import Terms

_PICTURES = frozenset({"camera", "screen"})


@dataclass(frozen=True, slots=True)
class JoinedTrack:
    """One kept track, by what name it goes into the file, and when it begins, in milliseconds."""

    track: KeptTrack
    name: str
    is_picture: bool
    starts_ms: int


def make_joined(
    work: Work, *, case_id: str, recording_id: str, talks: Talks, terms: Terms
) -> Sequence[JoinedTrack]:
    """Every track of it; raises NotFoundError."""
    found = kept.get_recording(work, case_id=case_id, recording_id=recording_id, talks=talks)
    tracks = [track for part in found.parts for track in part.tracks]
    begins_at = min((each.first_at for each in tracks if each.kind != SHOWN), default=None)
    if begins_at is None:
        return []
    roles = _roles(found, links.guests_in(work, [found.recording.room_id]), terms)
    return [
        JoinedTrack(
            track=each,
            name=_named(roles.get(each.person_id, ("", "")), each.kind, terms),
            is_picture=each.kind in _PICTURES,
            starts_ms=max(round((each.first_at - begins_at).total_seconds() * 1000), 0),
        )
        for each in tracks
    ]


def _roles(
    playable: kept.Playable, by_link: Mapping[str, Link], terms: Terms
) -> Mapping[str, tuple[str, str]]:
    """As what each took part, in both languages; several of one kind are numbered."""
    kinds: dict[str, tuple[str, str]] = {}
    for each in playable.answers:
        if each.person_id in by_link:
            kinds[each.person_id] = "room_guest", by_link[each.person_id].for_whom
        else:
            is_inviting = each.institution_id == playable.case.institution_id
            kinds[each.person_id] = "recording_side", "inviting" if is_inviting else "invited"
    people: dict[tuple[str, str], list[str]] = {}
    for person_id, kind in kinds.items():
        people.setdefault(kind, []).append(person_id)
    found = {}
    for kind, own in people.items():
        for number, person_id in enumerate(own, 1):
            count = f" {number}" if len(own) > 1 else ""
            zh, en = (f"{terms.text(tongue, *kind)}{count}" for tongue in (CHINESE, ENGLISH))
            found[person_id] = zh, en
    return found


def _named(role: tuple[str, str], kind: str, terms: Terms) -> str:
    words = [
        f"{whose} {terms.text(tongue, 'recording_source', kind)}".strip()
        for whose, tongue in zip(role, (CHINESE, ENGLISH), strict=True)
    ]
    return " / ".join(words)

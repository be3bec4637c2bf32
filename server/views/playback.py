"""A recording as it is played: tracks on one line of time, and who is heard on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from consult.access.model import Action
from consult.cases.model import Case
from consult.discussion.rights import may_read_discussion
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.patients.model import Patient
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.rooms.links import service as links
from consult.rooms.recordings import kept
from consult.rooms.recordings.model import KeptPart, KeptTrack, Recording
from consult.rooms.rights import Talks
from server.media.recording.shown import SHOWN
from server.rules.rulebook import Rulebook
from server.terms import Terms
from server.views.recording_keeping import Holding, Keeping, holding_of, keeping_of
from server.views.replay import Replay, make_replay
from server.views.rooms import named_guest

_KINDS = {"opus": ("audio/webm", "webm"), "h264": ("video/x-matroska", "mkv")}
_SOUNDS = {"microphone", "screen-sound"}


@dataclass(frozen=True, slots=True)
class PlayedTrack:
    """One track: where it begins on the line of time of the whole recording, in milliseconds."""

    id: str
    kind: str
    is_sound: bool
    starts_ms: int
    length_ms: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class PlayedPerson:
    """Who is seen and heard, on which side, with all tracks."""

    name: str
    name_en: str
    institution: str
    institution_en: str
    is_inviting: bool
    is_guest: bool
    tracks: Sequence[PlayedTrack]


@dataclass(frozen=True, slots=True)
class PlaybackPage:
    """A recording on its page; `stretches` are from when to when anything was recorded, in ms."""

    case: Case
    patient: Patient
    age: int
    namesake: bool
    recording: Recording
    people: Sequence[PlayedPerson]
    replay: Replay | None
    stretches: Sequence[tuple[int, int]]
    begins_at: datetime
    length_ms: int
    parts: int
    may_download: bool
    may_mix: bool
    keeping: Keeping
    holding: Holding


@dataclass(frozen=True, slots=True)
class RecordingsPart:
    """On the page of a case: its recordings, the newest first, for whoever may play them."""

    case: Case
    recordings: Sequence[Keeping]
    holding: Holding


def container_of(track: KeptTrack) -> tuple[str, str]:
    """In what a track lies: its media type, and how a file of it ends."""
    return _KINDS.get(track.codec, ("video/webm", "webm"))


def make_part(work: Work, case: Case, rules: Rulebook) -> RecordingsPart | None:
    """The recordings of a case; None where there is none, or the reader may not play any."""
    needed = (Action.READ_DISCUSSION, Action.SEE_NAME, Action.SEE_IMAGE)
    if not all(rules.roles.permits(work.actor, each) for each in needed):
        return None
    if case.submitted_at is None or not may_read_discussion(work, case, second=rules.second):
        return None
    found = kept.list_recordings(work, case)
    if not found:
        return None
    keeping = [keeping_of(work, case, each, rules) for each in found]
    return RecordingsPart(case, keeping, holding_of(work, case, rules))


def make_playback(
    work: Work,
    *,
    case_id: str,
    recording_id: str,
    rules: Rulebook,
    talks: Talks,
    has_mixer: bool,
) -> PlaybackPage:
    """The page; raises NotFoundError."""
    found = kept.open_recording(work, case_id=case_id, recording_id=recording_id, talks=talks)
    case, tracks = found.case, [track for part in found.parts for track in _heard(part)]
    patient = patients.get_patient(work, case.patient_id)
    begins_at = min(
        (each.first_at for each in tracks), default=found.recording.began_at or work.now
    )
    stretches = _stretches(found.parts, begins_at)
    return PlaybackPage(
        case=case,
        patient=patient,
        age=patient.age_on(organisations.today_at(work, case.institution_id)),
        namesake=patients.is_namesake(work, patient),
        recording=found.recording,
        people=_people(work, found, begins_at, rules.terms),
        replay=make_replay(work, found, begins_at, rules),
        stretches=stretches,
        begins_at=begins_at,
        length_ms=max((stop for _, stop in stretches), default=0),
        parts=len(found.parts),
        may_download=rules.roles.permits(work.actor, Action.DOWNLOAD_ORIGINAL),
        may_mix=has_mixer,
        keeping=keeping_of(work, case, found.recording, rules),
        holding=holding_of(work, case, rules),
    )


def _people(
    work: Work, playable: kept.Playable, begins_at: datetime, terms: Terms
) -> list[PlayedPerson]:
    """One line a person, the inviting side first, whoever came by a link last."""
    by_person: dict[str, list[KeptTrack]] = {}
    for part in playable.parts:
        for track in _heard(part):
            by_person.setdefault(track.person_id, []).append(track)
    by_link = links.guests_in(work, [playable.recording.room_id])
    names = practitioners.names_of(work, sorted(by_person.keys() - by_link.keys()))
    found = []
    for person_id, own in by_person.items():
        tracks = [_played(each, begins_at) for each in own]
        if person_id in by_link:
            told = named_guest(by_link[person_id], terms, tells_identity=False)
            places = told.institution, told.institution_en
            found.append(
                PlayedPerson(
                    told.name,
                    told.name_en,
                    *places,
                    is_inviting=False,
                    is_guest=True,
                    tracks=tracks,
                )
            )
        else:
            found.append(_member(work, playable, person_id, names.get(person_id), tracks))
    return sorted(found, key=lambda each: (each.is_guest, not each.is_inviting))


def _member(
    work: Work,
    playable: kept.Playable,
    person_id: str,
    name: PersonName | None,
    tracks: Sequence[PlayedTrack],
) -> PlayedPerson:
    """Somebody of the house; on which side she stands was written when she agreed."""
    places = {str(each.person_id): each.institution_id for each in playable.answers}
    place_id = places.get(person_id)
    place = None if place_id is None else organisations.get_institution(work, place_id)
    return PlayedPerson(
        name="" if name is None else name.name,
        name_en="" if name is None else name.name_en,
        institution="" if place is None else place.name,
        institution_en="" if place is None else place.name_en,
        is_inviting=place_id == playable.case.institution_id,
        is_guest=False,
        tracks=tracks,
    )


def _played(track: KeptTrack, begins_at: datetime) -> PlayedTrack:
    return PlayedTrack(
        id=track.id,
        kind=track.kind,
        is_sound=track.kind in _SOUNDS,
        starts_ms=_after_ms(track.first_at, begins_at),
        length_ms=track.length_ms,
        is_whole=track.is_whole,
    )


def _stretches(parts: Sequence[KeptPart], begins_at: datetime) -> list[tuple[int, int]]:
    """From when to when something was recorded: parts without their pauses, in order."""
    found: list[tuple[int, int]] = []
    for part in parts:
        tracks = _heard(part)
        ends = [_after_ms(track.first_at, begins_at) + track.length_ms for track in tracks]
        if not ends:
            continue
        at_ms = max(0, min(_after_ms(track.first_at, begins_at) for track in tracks))
        for from_ms, to_ms in pauses_of(part, begins_at):
            if from_ms > at_ms:
                found.append((at_ms, min(from_ms, max(ends))))
            at_ms = max(at_ms, to_ms)
        if max(ends) > at_ms:
            found.append((at_ms, max(ends)))
    return found


def _heard(part: KeptPart) -> list[KeptTrack]:
    """The files of a part that are seen and heard: what was looked at is shown beside them."""
    return [track for track in part.tracks if track.kind != SHOWN]


def pauses_of(part: KeptPart, begins_at: datetime) -> list[tuple[int, int]]:
    """The pauses of a part; one that nobody ended lasts until the part's end."""
    gaps = part.manifest.get("gaps", [])
    end = part.ended_at or part.began_at
    return [
        (
            _after_ms(datetime.fromisoformat(each["from_at"]), begins_at),
            _after_ms(datetime.fromisoformat(each["to_at"]) if each["to_at"] else end, begins_at),
        )
        for each in (gaps if isinstance(gaps, list) else [])
    ]


def _after_ms(at: datetime, begins_at: datetime) -> int:
    return round((at - begins_at).total_seconds() * 1000)

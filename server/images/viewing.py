"""Who was shown which pictures: gathered a few seconds, written to the journal by study."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from consult.db.unit import Units
from consult.kernel.ids import PatientId
from consult.kernel.work import Actor
from consult.studies import service as studies
from consult.studies.model import Instance
from server.transactions import write_as

FLUSH_EVERY_S: Final = 3.0
PLAYED_FOR: Final = 200
"""Flushes for which a video that is fetched part by part counts as one playing (ten minutes)."""

_Key = tuple[str | None, str | None, str]


@dataclass(slots=True)
class _Seen:
    """What one person was shown of one study since the last line."""

    actor: Actor
    patient_id: PatientId | None
    frames: int = 0
    thumbnails: int = 0
    instances: set[str] = field(default_factory=set)


class Viewings:
    """Gathers what was shown; `flush` writes one line a person and study."""

    def __init__(self) -> None:
        self._seen: dict[_Key, _Seen] = {}  # by who, where, study
        self._played: dict[_Key, int] = {}  # flushes since a part, by who, where, instance

    def note(self, actor: Actor, instance: Instance, *, is_thumbnail: bool) -> None:
        """A picture of this instance goes out."""
        seen = self._of(actor, instance)
        if is_thumbnail:
            seen.thumbnails += 1
        else:
            seen.frames += 1

    def note_read(self, actor: Actor, instances: Iterable[Instance]) -> None:
        """What these objects say goes out, without their pictures."""
        for instance in instances:
            self._of(actor, instance)

    def note_part(self, actor: Actor, instance: Instance, *, is_first: bool) -> None:
        """A part of a video goes out: it is shown from its beginning on.

        Of the others one is noted for a playing, however many there are, and none after the first.
        """
        key = (_who(actor), actor.institution_id, instance.id)
        if is_first:
            self.note(actor, instance, is_thumbnail=False)
        elif key not in self._played:
            self.note_read(actor, [instance])
        self._played[key] = 0

    def _of(self, actor: Actor, instance: Instance) -> _Seen:
        key = (_who(actor), actor.institution_id, instance.study_id)
        seen = self._seen.setdefault(key, _Seen(actor, instance.known_patient_id))
        seen.instances.add(instance.id)
        return seen

    async def flush(self, units: Units) -> None:
        """Write what was gathered; what cannot be written now is kept for the next time."""
        aged = {key: flushes + 1 for key, flushes in self._played.items()}
        self._played = {key: flushes for key, flushes in aged.items() if flushes < PLAYED_FOR}
        gathered, self._seen = self._seen, {}
        while gathered:
            key, seen = gathered.popitem()
            viewing = studies.Viewing(
                study_id=key[2],
                patient_id=seen.patient_id,
                frames=seen.frames,
                thumbnails=seen.thumbnails,
                instances=len(seen.instances),
            )
            try:
                await write_as(units, seen.actor, studies.record_viewing, viewing)
            except BaseException:
                self._seen = {**gathered, key: seen, **self._seen}
                raise


def _who(actor: Actor) -> str | None:
    return actor.practitioner_id or actor.machine_id

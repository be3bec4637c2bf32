"""What machines take of one study in quick succession: gathered behind a first entry."""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.db.unit import Units
from consult.kernel.work import Actor
from consult.studies import retrieval
from consult.studies.model import Instance
from server.transactions import write_as

_Key = tuple[str | None, str | None, str]  # which machine, where, which study


@dataclass(slots=True)
class _Taken:
    """What one machine took of one study after the entry that stands already."""

    actor: Actor
    first: Instance
    instances: set[str]
    answers: int = 0
    size_bytes: int = 0


class Leavings:
    """No byte leaves before an entry names machine and study; how much more follows it."""

    def __init__(self) -> None:
        self._taken: dict[_Key, _Taken] = {}

    def untold(self, actor: Actor, given: Sequence[Instance]) -> list[Instance]:
        """Those of studies of which nothing is written yet; the others are counted."""
        new = []
        for each in given:
            taken = self._taken.get(_key(actor, each))
            if taken is None:
                new.append(each)
                continue
            taken.instances.add(each.id)
            taken.answers += 1
            taken.size_bytes += each.original.size_bytes
        return new

    def told(self, actor: Actor, given: Sequence[Instance]) -> None:
        """An entry stands for these: what follows is counted until the next flush."""
        if actor.machine_id is None:
            return
        for each in given:
            self._taken.setdefault(_key(actor, each), _Taken(actor, each, set()))

    async def flush(self, units: Units) -> None:
        """Write what was counted; what cannot be written now is kept for the next time."""
        gathered, self._taken = self._taken, {}
        while gathered:
            key, taken = gathered.popitem()
            if not taken.answers:
                continue
            more = retrieval.MoreTaken(
                study_id=taken.first.study_id,
                patient_id=taken.first.known_patient_id,
                instances=len(taken.instances),
                answers=taken.answers,
                size_bytes=taken.size_bytes,
            )
            try:
                await write_as(units, taken.actor, retrieval.record_more, more)
            except BaseException:
                self._taken = {**gathered, key: taken, **self._taken}
                raise


def _key(actor: Actor, instance: Instance) -> _Key:
    return actor.machine_id, actor.institution_id, instance.study_id

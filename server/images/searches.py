"""Who searched stored images: gathered a few seconds, then written to the journal."""

from consult.db.unit import Units
from consult.kernel.work import Actor
from consult.studies.finding.audit import Searched, record_search
from server.transactions import write_as

_Key = tuple[str | None, str | None, str, str]  # who, where, way, level


class Searches:
    """Gathers searches; `flush` writes one line for who, way and level."""

    def __init__(self) -> None:
        self._noted: dict[_Key, tuple[Actor, int, int]] = {}

    def note(self, actor: Actor, *, way: str, level: str, found: int) -> None:
        """An answer with this many matches goes out."""
        who = actor.practitioner_id or actor.machine_id
        key = (who, actor.institution_id, way, level)
        _, searches, before = self._noted.get(key, (actor, 0, 0))
        self._noted[key] = (actor, searches + 1, before + found)

    async def flush(self, units: Units) -> None:
        """Write what was gathered; what cannot be written now is kept for the next time."""
        gathered, self._noted = self._noted, {}
        while gathered:
            key, noted = gathered.popitem()
            actor, searches, found = noted
            searched = Searched(key[2], key[3], searches, found)
            try:
                await write_as(units, actor, record_search, searched)
            except BaseException:
                self._noted = {**gathered, key: noted, **self._noted}
                raise

"""What web has the DICOM process do outside: send a report's objects, or try a line.

The objects come first, each with its file, and then what is to be done with them; the answer has
the same number. An errand whose web has gone is dropped: it is done again by whoever knows of it.
"""

import asyncio
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import structlog

from imaging.dimse.house import Place
from imaging.dimse.incoming import ObjectName
from imaging.dimse.pushing import Parcel, listen, push
from imaging.dimse.sending import Outward
from server.dimse.wire import HANDED, Wire

log = structlog.get_logger()
ERRAND: Final = "errand"
PUSH: Final = "push"
LISTEN: Final = "listen"
DROP: Final = "drop"
_MOST_AT_ONCE: Final = 16
_MOST_OBJECTS: Final = 256
Told = dict[str, Any]


@dataclass(slots=True)
class _Errand:
    files: list[io.FileIO] = field(default_factory=list)
    parcels: list[Parcel] = field(default_factory=list)

    def add(self, told: Told) -> None:
        file: io.FileIO = told[HANDED]
        self.files.append(file)
        path = Path(f"/proc/self/fd/{file.fileno()}")
        self.parcels.append(Parcel(path, ObjectName(*told["object"])))

    def close(self) -> None:
        for file in self.files:
            file.close()


class Errands:
    """The errands of every web process that is connected."""

    def __init__(self, outward: Outward) -> None:
        self._outward = outward
        self._begun: dict[Wire, dict[int, _Errand]] = {}
        self._running: dict[Wire, dict[int, asyncio.Task[None]]] = {}

    def hear(self, web: Wire, told: Told, tasks: asyncio.TaskGroup) -> None:
        """Take an object of an errand, begin it, or drop one for which web waits no more."""
        number = int(told[ERRAND])
        begun = self._begun.setdefault(web, {})
        if "object" in told:
            errand = begun.setdefault(number, _Errand())
            errand.add(told)
            return
        errand, running = begun.pop(number, _Errand()), self._running.setdefault(web, {})
        if told["wish"] == DROP:
            errand.close()
            if number in running:
                running[number].cancel()
            return
        if len(running) >= _MOST_AT_ONCE or len(errand.parcels) > _MOST_OBJECTS:
            errand.close()
            web.send({ERRAND: number, "failure": "house-busy", "was_associated": False})
            return
        task = tasks.create_task(self._run(web, number, told, errand))
        running[number] = task
        task.add_done_callback(lambda _: running.pop(number, None))
        task.add_done_callback(lambda _: errand.close())

    def forsake(self, web: Wire) -> None:
        """Drop what a web that has gone had begun."""
        for errand in self._begun.pop(web, {}).values():
            errand.close()
        for task in list(self._running.pop(web, {}).values()):
            task.cancel()

    async def _run(self, web: Wire, number: int, told: Told, errand: _Errand) -> None:
        try:
            answer = await self._do(told, errand)
        except Exception as error:  # noqa: BLE001 - the outermost point of an errand: web is told
            log.warning("errand failed", kind=str(told.get("wish")), error=type(error).__name__)
            answer = {"failure": "house-failed", "was_associated": True}
        web.send({ERRAND: number, **answer})

    async def _do(self, told: Told, errand: _Errand) -> Mapping[str, Any]:
        where = told["place"]
        place = Place(
            where["title"], where["host"], where["port"], where["over_tls"], where["certificate"]
        )
        calling = str(told["calling"])
        if told["wish"] == LISTEN:
            kinds = [(str(kind), str(syntax)) for kind, syntax in told["kinds"]]
            heard = await listen(place, kinds, calling=calling, outward=self._outward)
            return {"status": heard.status, "taken": heard.taken, "failure": heard.failure}
        pushed = await push(place, errand.parcels, calling=calling, outward=self._outward)
        return {
            "statuses": dict(pushed.statuses),
            "plain": pushed.plain,
            "failure": pushed.failure,
            "was_associated": pushed.was_associated,
        }

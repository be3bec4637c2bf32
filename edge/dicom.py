"""C-STORE of cameras on the LAN into the spool: stored, counted, then answered; nothing else."""

import asyncio
import logging
import shutil
import threading
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from edge.spool import Spool, SpoolFullError
from imaging.dimse.associate import Associate
from imaging.dimse.association import Bounds
from imaging.dimse.command import Status
from imaging.dimse.errors import RefusedAssociationError, Rejection
from imaging.dimse.house import Guest, Held, HouseAwayError, Place, Reference, Stored
from imaging.dimse.identifier import Attributes
from imaging.dimse.incoming import Incoming
from imaging.dimse.line import Patience
from imaging.dimse.listener import Limits, Listener, Outcome

_BOUNDS: Final = Bounds(
    longest_object_bytes=2 << 30,
    longest_data=1 << 18,
    patience=Patience(artim_s=20, idle_s=120, unit_s=60),
)
_LIMITS: Final = Limits(most_associations=8, most_of_one_title=4, most_silent=8)
_LONGEST_STEP_S: Final = 30.0
T = TypeVar("T")
log = logging.getLogger("lianzhen.watch")


class SpoolHouse:
    """The house behind the port: it takes objects, and has none to give."""

    def __init__(
        self, folder: Path, spool: Spool, *, title: str, clock: Callable[[], float]
    ) -> None:
        self.folder = folder
        self._spool = spool
        self._title = title
        self._clock = clock

    async def admit(self, asked: Associate, address: str, names: frozenset[str]) -> Guest:  # noqa: ARG002 - the port has no TLS
        """Whoever calls us by our name."""
        if asked.called.strip() != self._title:
            raise RefusedAssociationError(Rejection.CALLED_UNKNOWN)
        return Guest("camera", asked.calling, may_store=True, may_query=False, address=address)

    async def store(self, _guest: Guest, incoming: Incoming) -> Stored:
        """Success is said once the object lies encrypted on the disk and counts."""
        try:
            await asyncio.to_thread(self._take, incoming)
        except SpoolFullError:
            return Stored(Status.OUT_OF_RESOURCES, "spool-full")
        except OSError:
            return Stored(Status.PROCESSING_FAILURE, "disk")
        return Stored(Status.SUCCESS)

    async def find(
        self,
        _guest: Guest,
        _model: str,
        _question: Attributes,
        *,
        is_combined: bool,  # noqa: ARG002 - the house's question
    ) -> Sequence[Attributes]:
        """Nothing is searched here."""
        raise HouseAwayError

    async def list_held(self, _guest: Guest, _model: str, _question: Attributes) -> Sequence[Held]:
        """Nothing is given out here."""
        raise HouseAwayError

    async def fetch(self, _guest: Guest, _held: Held, _syntax: str) -> Path | None:
        """Nothing is given out here."""
        raise HouseAwayError

    async def list_kept(self, _guest: Guest, _asked: Sequence[Reference]) -> Sequence[Reference]:
        """The server commits to objects, not this computer."""
        return []

    async def find_place(self, _guest: Guest, _title: str) -> Place | None:
        """Nobody is called from here."""
        return None

    async def find_home(self, _guest: Guest) -> Place | None:
        """Nobody is retrieved for here."""
        return None

    def _take(self, incoming: Incoming) -> None:
        now = self._clock()
        self._spool.take(
            incoming.read(),
            name=f"{incoming.name.sop_instance_uid}.dcm",
            size=incoming.size_bytes,
            sighting=None,
            first_seen_at=now,
            now=now,
        )


class CameraDoor:
    """The port, in a thread and a loop of its own."""

    def __init__(
        self, state: Path, spool: Spool, *, title: str, clock: Callable[[], float]
    ) -> None:
        folder = state / "incoming"
        shutil.rmtree(folder, ignore_errors=True)  # nothing that lies here was acknowledged
        folder.mkdir(mode=0o700)
        house = SpoolHouse(folder, spool, title=title, clock=clock)
        self._listener = Listener(house, bounds=_BOUNDS, limits=_LIMITS, note=_note)
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="dicom", daemon=True)

    def open(self, host: str, port: int) -> None:
        """Listen; raises OSError where the port is not ours."""
        self._thread.start()
        self._server = self._wait(self._listener.listen(host, port))

    def close(self) -> None:
        """End every association, then the loop."""
        if self._server is not None:
            self._server.close()
            self._wait(self._listener.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, step: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(step, self._loop).result(_LONGEST_STEP_S)


def _note(outcome: Outcome) -> None:
    log.info("association ended: %s", outcome.code)

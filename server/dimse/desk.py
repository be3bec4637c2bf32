"""What the DICOM process does with a wish of a peer: it asks web, and knows nothing by itself."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, Final

from imaging.dimse.associate import Associate
from imaging.dimse.errors import RefusedAssociationError, Rejection
from imaging.dimse.house import (
    Guest,
    Held,
    HouseAwayError,
    Place,
    QuestionError,
    Reference,
    Stored,
)
from imaging.dimse.identifier import Attributes
from imaging.dimse.incoming import Incoming, ObjectName
from imaging.dimse.sending import Outward
from server.dimse.errands import ERRAND, Errands
from server.dimse.wire import Wire, listening, pack_attributes, unpack_attributes

_WEB_BACK_S: Final = 5.0
_LOOK_EVERY_S: Final = 0.05
_LONGEST_ANSWER_S: Final = 120.0
Answer = dict[str, Any]


class Desk:
    """Every web process that is connected, and what was asked of it; a `House`."""

    def __init__(self, folder: Path, outward: Outward) -> None:
        self._folder = folder
        self._errands = Errands(outward)
        self._webs: list[Wire] = []
        self._asked: dict[int, tuple[Wire, asyncio.Future[Answer]]] = {}
        self._numbers = count(1)
        self._spare: list[int] = []

    @property
    def folder(self) -> Path:
        """Where objects lie on their way in and out."""
        return self._folder

    @asynccontextmanager
    async def listen(self, place: Path) -> AsyncIterator[None]:
        """Let web processes connect; the folder of the socket is open to our own user alone."""
        async with listening(place) as visitors, asyncio.TaskGroup() as tasks:
            meeting = tasks.create_task(self._meet_all(visitors, tasks))
            try:
                yield
            finally:
                meeting.cancel()
                for web in self._webs:
                    web.close()

    async def admit(self, asked: Associate, address: str, names: frozenset[str]) -> Guest:
        """Ask who this is."""
        try:
            told = await self._ask(
                "admit",
                called=asked.called,
                calling=asked.calling,
                address=address,
                names=sorted(names),
            )
        except HouseAwayError:
            raise RefusedAssociationError(Rejection.CONGESTED) from None
        if "refused" in told:
            raise RefusedAssociationError(Rejection[told["refused"]])
        return Guest(
            id=told["id"],
            title=asked.calling,
            may_store=told["may_store"],
            may_query=told["may_query"],
            charset=told["charset"],
            address=address,
        )

    async def store(self, guest: Guest, incoming: Incoming) -> Stored:
        """Hand an object over; the answer comes when bytes and row are durable."""
        name, memory = incoming.name, self._take_memory()
        try:
            told = await self._ask(
                "store",
                hand_over=partial(incoming.hand_over, memory),
                guest=guest.id,
                address=guest.address,
                size_bytes=incoming.size_bytes,
                sop_class_uid=name.sop_class_uid,
                sop_instance_uid=name.sop_instance_uid,
            )
        except BaseException:
            os.close(memory)  # web may be reading it
            raise
        self._spare.append(memory)
        return Stored(told["status"], told["comment"])

    async def find(
        self, guest: Guest, model: str, question: Attributes, *, is_combined: bool
    ) -> Sequence[Attributes]:
        """Ask what matches."""
        told = await self._ask(
            "find",
            guest=guest.id,
            model=model,
            question=pack_attributes(question),
            is_combined=is_combined,
        )
        _require_sound(told)
        return [unpack_attributes(each) for each in told["found"]]

    async def list_held(self, guest: Guest, model: str, question: Attributes) -> Sequence[Held]:
        """Ask which objects are meant."""
        told = await self._ask(
            "held", guest=guest.id, model=model, question=pack_attributes(question)
        )
        _require_sound(told)
        return [Held(each[0], ObjectName(each[1], each[2], each[3])) for each in told["held"]]

    async def fetch(self, guest: Guest, held: Held, syntax: str) -> Path | None:
        """Ask for a copy in a file of ours: however it ends without one, the file is gone."""
        path = await asyncio.to_thread(self._make_file)
        is_there = False
        try:
            told = await self._ask(
                "fetch", guest=guest.id, id=held.id, syntax=syntax, file=path.name
            )
            is_there = told["file"] is not None
        finally:
            if not is_there:
                path.unlink(missing_ok=True)
        return path if is_there else None

    async def list_kept(self, guest: Guest, asked: Sequence[Reference]) -> Sequence[Reference]:
        """Ask what is safely stored."""
        pairs = [[each.sop_class_uid, each.sop_instance_uid] for each in asked]
        told = await self._ask("kept", guest=guest.id, asked=pairs)
        return [Reference(*pair) for pair in told["kept"]]

    async def find_place(self, guest: Guest, title: str) -> Place | None:
        """Ask where a peer listens."""
        return _place(title, await self._ask("place", guest=guest.id, title=title))

    async def find_home(self, guest: Guest) -> Place | None:
        """Ask where a peer itself listens."""
        return _place(guest.title, await self._ask("home", guest=guest.id))

    def _take_memory(self) -> int:
        """Memory that was used before: fresh pages cost five times what is written into them.

        There is as much of it as objects were handed over at once.
        """
        return self._spare.pop() if self._spare else os.memfd_create("object", os.MFD_CLOEXEC)

    def _make_file(self) -> Path:
        descriptor, name = tempfile.mkstemp(dir=self._folder)
        os.close(descriptor)
        return Path(name)

    async def _ask(
        self, wish: str, *, hand_over: Callable[[], int] | None = None, **facts: object
    ) -> Answer:
        """Ask any web that is there, and give it a file; raises HouseAwayError."""
        web = await self._find_web()
        number = next(self._numbers)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._asked[number] = (web, future)
        try:
            file = None if hand_over is None else hand_over()
            web.send({"number": number, "wish": wish, **facts}, file=file)
            async with asyncio.timeout(_LONGEST_ANSWER_S):
                told = await future
        except (OSError, TimeoutError):
            raise HouseAwayError from None
        finally:
            self._asked.pop(number, None)
        if told.get("away"):
            raise HouseAwayError
        return told

    async def _find_web(self) -> Wire:
        """One after the other; while none is there, wait a little, since it may be starting."""
        deadline_s = asyncio.get_running_loop().time() + _WEB_BACK_S
        while not self._webs:  # several may wait, and each looks itself
            if asyncio.get_running_loop().time() > deadline_s:
                raise HouseAwayError
            await asyncio.sleep(_LOOK_EVERY_S)
        self._webs.append(self._webs.pop(0))
        return self._webs[-1]

    async def _meet_all(self, visitors: AsyncIterator[Wire], tasks: asyncio.TaskGroup) -> None:
        async for web in visitors:
            tasks.create_task(self._meet(web, tasks))

    async def _meet(self, web: Wire, tasks: asyncio.TaskGroup) -> None:
        self._webs.append(web)
        try:
            while (told := await web.receive()) is not None:
                if ERRAND in told:
                    self._errands.hear(web, told, tasks)
                    continue
                _, future = self._asked.get(told.get("number", 0), (web, None))
                if future is not None and not future.done():
                    future.set_result(told)
        finally:
            self._webs.remove(web)
            self._forsake(web)
            self._errands.forsake(web)
            web.close()

    def _forsake(self, web: Wire) -> None:
        for asked, future in list(self._asked.values()):
            if asked is web and not future.done():
                future.set_result({"away": True})


def _place(title: str, told: Answer) -> Place | None:
    if told["host"] is None:
        return None
    return Place(title, told["host"], told["port"], told["over_tls"], told["certificate"])


def _require_sound(told: Answer) -> None:
    if "status" in told:
        raise QuestionError(told["status"])

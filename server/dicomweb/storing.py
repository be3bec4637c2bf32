"""Objects on their way in by STOW-RS: each part looked at as it ends, filed some at a time."""

import os
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from consult.kernel.work import Actor
from consult.studies.model import Ingested, Received, Uids, Verdict
from imaging.errors import (
    JailCrashedError,
    JailRefusedError,
    JailTimedOutError,
    MalformedUidError,
    Refusal,
)
from imaging.uid import parse_received_uid
from imaging.walk import walk_head
from server.dicomweb import failures
from server.dicomweb.errors import MalformedError
from server.dicomweb.parts import Parts, parse_media_type
from server.images.imagery import IMAGERY
from server.keys import JAIL, RULES
from server.receiving.filing import file_each
from server.receiving.place import Place
from server.receiving.taking import Taking
from server.threads import in_thread

_WHATEVER_SIZE: Final = 1 << 62
_SOP_CLASS: Final = 0x00080016
_SOP_INSTANCE: Final = 0x00080018
_MOST_PARTS: Final = 20_000
_LONGEST_JSON: Final = 16 << 20
_MOST_BULK: Final = 1000
_FILED_AT_ONCE: Final = 50
_MOST_WAITING_BYTES: Final = 4 << 20
_SYNTAX_OF: Final = {
    "image/jpeg": "1.2.840.10008.1.2.4.50",
    "image/dicom-rle": "1.2.840.10008.1.2.5",
    "image/jls": "1.2.840.10008.1.2.4.80",
    "image/jp2": "1.2.840.10008.1.2.4.90",
    "image/jphc": "1.2.840.10008.1.2.4.201",
}
"""The default transfer syntax of a compressed bulk part (PS3.18 8.7.3.3)."""


@dataclass(frozen=True, slots=True)
class Identity:
    """SOP class and instance, as far as they are known."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one object: filed, or a number that says why not."""

    identity: Identity | None
    uids: Uids | None = None
    failure: int | None = None


WAITING: Final = Outcome(None)
"""Stands where an object is looked at and not filed yet."""


@dataclass(slots=True)
class Storing:
    """One request that stores."""

    app: web.Application
    actor: Actor
    place: Place
    study_uid: str | None
    _waiting: list[Received] = field(default_factory=list)
    _waiting_bytes: int = 0
    _outcomes: list[Outcome] = field(default_factory=list)

    async def take_files(self, parts: Parts) -> None:
        """Take parts that are DICOM files each (PS3.18 10.5.1.2.1)."""
        most = self.app[RULES].images.limits.largest_file_bytes
        async for _headers in parts:
            async with self._taking() as taking:
                async for piece in parts.body():
                    if taking.received_bytes <= most:
                        await taking.add(piece)
                if taking.received_bytes > most:
                    self._fail(_named(taking.head), failures.OUT_OF_RESOURCES)
                else:
                    await self._look(taking, taking.finish(more_comes=not parts.is_at_end))
            if len(self._outcomes) > _MOST_PARTS:
                raise MalformedError("multipart-malformed")

    async def take_json(self, parts: Parts) -> None:
        """Take data sets in DICOM JSON with their bulk data behind them (PS3.18 10.5.1.2.2)."""
        most = self.app[RULES].images.limits.largest_file_bytes
        places: dict[str, Any] = {}
        at = count = 0
        async with self._scratch() as told, self._scratch() as bulk:
            async for headers in parts:
                count += 1
                if count == 1:
                    if await parts.copy_to(told, most=_LONGEST_JSON) > _LONGEST_JSON:
                        raise MalformedError("json-too-long")
                    continue
                length = await parts.copy_to(bulk, start=at, most=most - at)
                if at + length > most or count > _MOST_BULK + 1:
                    raise MalformedError("bulk-too-long")
                _add_place(places, headers, at, length)
                at += length
            await self._assemble_all(told, bulk, places)

    async def file(self) -> list[Outcome]:
        """File what still waits; every object's outcome in its order."""
        await self._file_waiting()
        return self._outcomes

    async def _file_waiting(self) -> None:
        """File what was looked at, so that a long body holds little more than its outcomes."""
        some, self._waiting, self._waiting_bytes = self._waiting, [], 0
        filed = await file_each(
            self.app,
            self.actor,
            self.place,
            some,
            way="stow",
            source=self.actor.machine_id or "",
        )
        outcomes = map(_outcome_of, some, filed)
        self._outcomes = [next(outcomes) if each is WAITING else each for each in self._outcomes]

    async def _assemble_all(self, told: int, bulk: int, places: dict[str, Any]) -> None:
        async with self._scratch() as cut:
            at = 0
            for length in await self._split(told, cut):
                params: dict[str, Any] = {"start": at, "length": length, "bulk": places}
                at += length
                async with self._scratch() as scratch, self._taking() as taking:
                    with self._failing():
                        async with self.app[IMAGERY].intakes:
                            await self.app[JAIL].run(
                                "assemble", params, inputs=[cut, bulk], outputs=[scratch]
                            )
                        size = os.fstat(scratch).st_size
                        await self._look(taking, taking.take_file(scratch, size))

    async def _split(self, told: int, cut: int) -> list[int]:
        """The lengths of the data sets, told apart once for all."""
        try:
            async with self.app[IMAGERY].intakes:
                answer = await self.app[JAIL].run("split_sets", {}, inputs=[told], outputs=[cut])
        except JailRefusedError as error:
            is_long = error.reason == Refusal.TOO_LARGE
            raise MalformedError("json-too-long" if is_long else "json-malformed") from None
        except (JailCrashedError, JailTimedOutError):
            raise MalformedError("json-malformed") from None
        return list(answer["lengths"])

    async def _look(self, taking: Taking, judged: Awaitable[Received]) -> None:
        with self._failing(taking):
            received = await judged
            if self.study_uid not in {None, received.uids.study_instance_uid}:
                self._fail(_identity_of(received), failures.WRONG_STUDY)
                return
            self._waiting.append(received)
            if received.indexed is not None:
                self._waiting_bytes += len(received.indexed.metadata or b"")
            self._outcomes.append(WAITING)
        if len(self._waiting) >= _FILED_AT_ONCE or self._waiting_bytes > _MOST_WAITING_BYTES:
            await self._file_waiting()

    @contextmanager
    def _failing(self, taking: Taking | None = None) -> Iterator[None]:
        """Keep going after an object that is not taken; its head names it in the answer."""
        try:
            yield
        except JailRefusedError as error:
            number = failures.reason_of(error.reason)
            self._fail(None if taking is None else _named(taking.head), number)
        except (JailCrashedError, JailTimedOutError):
            identity = None if taking is None else _named(taking.head)
            self._fail(identity, failures.PROCESSING_FAILURE)

    def _fail(self, identity: Identity | None, number: int) -> None:
        self._outcomes.append(Outcome(identity, failure=number))

    @asynccontextmanager
    async def _taking(self) -> AsyncIterator[Taking]:
        taking = Taking(self.app, self.place)
        try:
            yield taking
        finally:
            await taking.drop()

    @asynccontextmanager
    async def _scratch(self) -> AsyncIterator[int]:
        descriptor = await in_thread(self.app[IMAGERY].spool.make_scratch)
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _named(head: bytes) -> Identity | None:
    """The identity that the head of a file tells."""
    walk = walk_head(head, total_bytes=_WHATEVER_SIZE, wanted={_SOP_CLASS, _SOP_INSTANCE})
    try:
        return Identity(
            parse_received_uid(walk.text(_SOP_CLASS) or ""),
            parse_received_uid(walk.text(_SOP_INSTANCE) or ""),
        )
    except MalformedUidError:
        return None


def _add_place(places: dict[str, Any], headers: dict[str, str], at: int, length: int) -> None:
    """Where a part lies; parts of one name are one value's, frame by frame (PS3.18 8.6.1.2)."""
    media = parse_media_type(headers.get("content-type", ""))
    syntax = media.parameters.get("transfer-syntax") or _SYNTAX_OF.get(media.name)
    place = places.setdefault(headers.get("content-location", ""), {"pieces": [], "syntax": syntax})
    if place["syntax"] != syntax:
        raise MalformedError("multipart-malformed")
    place["pieces"].append([at, length])


def _identity_of(received: Received) -> Identity:
    return Identity(received.description.sop_class_uid, received.uids.sop_instance_uid)


def _outcome_of(received: Received, ingested: Ingested | None) -> Outcome:
    identity = _identity_of(received)
    if ingested is None:  # the institution's quota
        return Outcome(identity, failure=failures.OUT_OF_RESOURCES)
    is_conflict = ingested.verdict is Verdict.CONFLICT
    uids = ingested.instance.uids
    return Outcome(identity, uids, failures.DUPLICATE if is_conflict else None)

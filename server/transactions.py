"""The only place that opens a Work, and the only clock."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from functools import partial
from typing import Concatenate, ParamSpec, TypeVar

from aiohttp import web
from sqlalchemy.orm import Session

from consult.db.reading import UnknownError
from consult.db.unit import Units
from consult.journal import service as journal
from consult.kernel.work import SYSTEM, Actor, Entry, Work
from server.keys import UNITS
from server.requests import signed_in

P = ParamSpec("P")
T = TypeVar("T")
LONGEST_UNIT_S = 20


class ReadOnlyWorkError(RuntimeError):
    """A step that only reads tried to write the journal: a mistake in the program."""


def utc_now() -> datetime:
    """The server's clock."""
    return datetime.now(UTC)


async def in_unit(
    request: web.Request, step: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a step that writes, as the signed-in person; the answer comes after its COMMIT."""
    actor = signed_in(request).actor
    return await write_as(request.app[UNITS], actor, step, *args, **kwargs)


async def in_read(
    request: web.Request, step: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a step that only reads, as the signed-in person."""
    actor = signed_in(request).actor
    return await read_as(request.app[UNITS], actor, step, *args, **kwargs)


async def as_system(
    app: web.Application, step: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a step that writes, with no person behind it (clocks, jobs, sign-in)."""
    return await write_as(app[UNITS], SYSTEM, step, *args, **kwargs)


async def as_system_read(
    app: web.Application, step: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a step that only reads, with no person behind it."""
    return await read_as(app[UNITS], SYSTEM, step, *args, **kwargs)


async def write_as(
    units: Units,
    actor: Actor,
    step: Callable[Concatenate[Work, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run a step that writes, as this actor."""
    return await _durable(units.write(writing(actor, step, *args, **kwargs)))


async def read_as(
    units: Units,
    actor: Actor,
    step: Callable[Concatenate[Work, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run a step that only reads, as this actor."""
    now = utc_now()

    def unit(session: Session) -> T:
        return step(Work(session, actor, now, _refuse), *args, **kwargs)

    return await _durable(units.read(unit))


async def recall_as(
    units: Units,
    actor: Actor,
    step: Callable[Concatenate[Work, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """The same for a step that is short and asked again and again: from memory, where it can be.

    The step may run twice, and on the loop: it asks for nothing but what `known` keeps, and
    reckons little.
    """
    now = utc_now()

    def unit(session: Session) -> T:
        return step(Work(session, actor, now, _refuse), *args, **kwargs)

    for answer in (units.recall, units.glance):
        with contextlib.suppress(UnknownError):
            return answer(unit)
    return await _durable(units.read(unit))


async def in_glance(
    request: web.Request, step: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a step that only reads and is short nearly always, on the loop; a long one in a thread.

    It may run twice. Only what is found by an index belongs here (decision 0193).
    """
    actor = signed_in(request).actor
    return await glance_as(request.app[UNITS], actor, step, *args, **kwargs)


async def glance_as(
    units: Units,
    actor: Actor,
    step: Callable[Concatenate[Work, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """The same, as this actor."""
    now = utc_now()

    def unit(session: Session) -> T:
        return step(Work(session, actor, now, _refuse), *args, **kwargs)

    with contextlib.suppress(UnknownError):
        return units.glance(unit)
    return await _durable(units.read(unit))


async def in_recall(
    request: web.Request, step: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """The same, as the signed-in person."""
    actor = signed_in(request).actor
    return await recall_as(request.app[UNITS], actor, step, *args, **kwargs)


def writing(
    actor: Actor, step: Callable[Concatenate[Work, P], T], *args: P.args, **kwargs: P.kwargs
) -> Callable[[Session], T]:
    """The step as a unit over a session, at the present time."""
    return writing_at(utc_now(), actor, step, *args, **kwargs)


def writing_at(
    now: datetime,
    actor: Actor,
    step: Callable[Concatenate[Work, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> Callable[[Session], T]:
    """The step as a unit over a session, at a moment that the demonstration makes up."""

    def unit(session: Session) -> T:
        record = partial(journal.record, session, actor, now)
        return step(Work(session, actor, now, record), *args, **kwargs)

    return unit


async def _durable(future: "Future[T]") -> T:
    """What a unit says; a caller who goes away does not cancel it."""
    loop = asyncio.get_running_loop()
    waiter: asyncio.Future[T] = loop.create_future()

    def wake(done: "Future[T]") -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and its callers with it
            loop.call_soon_threadsafe(_hand_over, done, waiter)

    future.add_done_callback(wake)
    async with asyncio.timeout(LONGEST_UNIT_S):
        return await waiter


def _hand_over(done: "Future[T]", waiter: asyncio.Future[T]) -> None:
    if waiter.done():
        return
    if done.cancelled():
        waiter.cancel()
    elif (error := done.exception()) is not None:
        waiter.set_exception(error)
    else:
        waiter.set_result(done.result())


def _refuse(*entries: Entry) -> None:
    raise ReadOnlyWorkError(entries[0].kind if entries else "nothing")

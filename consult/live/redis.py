"""The bus between processes over Redis, with the bus of the own process behind it.

Redis that is dead or frozen costs a moment, then is left alone for a second: rings come by the
readers' own poll, counters are those of this process, as they are where it talks nonsense. What
comes from it is a count or a bell, never an object.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Final, TypeVar

from redis import Redis as SyncRedis
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from consult.kernel.ids import new_id
from consult.live.memory import Wakeups

T = TypeVar("T")
_CHANNEL: Final = "lianzhen:ring"
_COUNTER: Final = "lianzhen:count:"
_PRESENT: Final = "lianzhen:present"
_PATIENCE_S: Final = 0.25
_ASKED_S: Final = 3.0
_LEFT_ALONE_S: Final = 1.0
_LISTEN_S: Final = 5.0
_PRESENT_S: Final = 15
_NONSENSE: Final = (ResponseError, ValueError, TypeError)
_FAILURES: Final = (RedisError, OSError, TimeoutError)


def answers(url: str) -> bool:
    """Whether somebody there speaks Redis and lets us in, for whoever asks once."""
    try:
        with SyncRedis.from_url(
            url, socket_connect_timeout=_ASKED_S, socket_timeout=_ASKED_S, driver_info=None
        ) as asked:
            return bool(asked.ping())
    except _FAILURES:
        return False


class RedisWakeups(Wakeups):
    """Rings are heard by every process; counters and presence are theirs together."""

    def __init__(self, loop: asyncio.AbstractEventLoop, url: str) -> None:
        super().__init__(loop)
        self._redis = Redis.from_url(
            url,
            socket_connect_timeout=_PATIENCE_S,
            socket_timeout=_PATIENCE_S,
            health_check_interval=2 * _LISTEN_S,
            retry=Retry(NoBackoff(), 0),
            driver_info=None,  # else each new line asks the disk for the library's version
        )
        self._name = new_id().encode()
        self._unheard = asyncio.Event()
        self._is_linked, self._away_until_s = True, 0.0

    def ring(self) -> None:
        """Wake everybody who waits, here and elsewhere."""
        self._loop.call_soon_threadsafe(self._ring_out)

    async def count(self, key: str, *, add: int, window_s: int) -> int:
        """Never less than what this process counted itself, whatever Redis says."""
        own = await super().count(key, add=add, window_s=window_s)

        async def ask() -> int:
            if not add:
                return int(await self._redis.get(_COUNTER + key) or 0)
            counted = int(await self._redis.incrby(_COUNTER + key, add))
            await self._redis.expire(_COUNTER + key, window_s, nx=True)
            return counted

        return max(own, await self._ask(ask, own))

    async def meet(self, people: Collection[str]) -> int:
        """These people are here; how many were seen anywhere in the last seconds."""
        own = await super().meet(people)

        async def ask() -> int:
            now_s, _us = await self._redis.time()
            if people:
                await self._redis.zadd(_PRESENT, dict.fromkeys(people, now_s))
            await self._redis.zremrangebyscore(_PRESENT, "-inf", now_s - _PRESENT_S)
            return int(await self._redis.zcard(_PRESENT))

        return max(own, await self._ask(ask, own))

    def is_linked(self) -> bool:
        """Whether Redis gave sense the last time."""
        return self._is_linked

    async def run(self) -> None:
        """Carry rings both ways until the line is cut."""
        async with asyncio.TaskGroup() as lines:
            lines.create_task(self._speak())
            lines.create_task(self._listen())

    async def close(self) -> None:
        """Hang up."""
        await self._redis.aclose()

    def _ring_out(self) -> None:
        self._ring()
        self._unheard.set()

    async def _speak(self) -> None:
        """One message for all rings since the last."""
        while True:
            await self._unheard.wait()
            self._unheard.clear()
            await self._ask(self._publish, 0)

    async def _publish(self) -> int:
        return int(await self._redis.publish(_CHANNEL, self._name))

    async def _listen(self) -> None:
        async with self._redis.pubsub(ignore_subscribe_messages=True) as line:
            await line.subscribe(_CHANNEL)
            _go_if_told()
            self._ring()  # what was rung before this is looked for once
            while True:
                await self._hear(line)

    async def _hear(self, line: PubSub) -> None:
        told = await line.get_message(timeout=_LISTEN_S)
        _go_if_told()
        if told is not None and told.get("data") != self._name:
            self._ring()

    async def _ask(self, ask: Callable[[], Awaitable[T]], instead: T) -> T:
        """What Redis says, or our own word where it is away or talks nonsense."""
        if self._loop.time() < self._away_until_s:
            return instead
        try:
            told = await ask()  # every wait in it has its limit, see the client
            self._is_linked = True
        except _NONSENSE:
            told = instead
        except _FAILURES:
            self._is_linked = False
            self._away_until_s = self._loop.time() + _LEFT_ALONE_S
            told = instead
        _go_if_told()
        return told


def _go_if_told() -> None:
    """The client may swallow our being cancelled, or take it for a failure of its own."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError

"""Units that several requests share: what one sender brings at once is filed together."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from consult.db.unit import Units
from consult.kernel.ids import InstitutionId
from consult.kernel.work import Actor
from consult.studies import receipt
from consult.studies.model import Ingested, Received
from server.transactions import LONGEST_UNIT_S, writing

MOST_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose objects may share a unit: they act as the same, and the journal says the same of them.

    `way` and `source` are those of `consult.studies.ingest.receive`.
    """

    actor: Actor
    institution_id: InstitutionId
    way: str
    source: str


@dataclass(eq=False, slots=True)
class _Share:
    """What one request files, at most `MOST_AT_ONCE`.

    `is_alone` once a shared unit has failed, `is_gone` once nobody waits: what was not begun by
    then never is, for whoever goes away has the bytes removed that no row names.
    """

    received: Sequence[Received]
    answer: "asyncio.Future[list[Ingested]]"
    is_alone: bool = False
    is_gone: bool = False


@dataclass(slots=True)
class Filings:
    """One unit of each sender at a time; what comes meanwhile is the next one's. Of one loop."""

    _waiting: dict[Sender, deque[_Share]] = field(default_factory=dict)

    async def file(
        self, units: Units, sender: Sender, received: Sequence[Received]
    ) -> list[Ingested]:
        """File at most `MOST_AT_ONCE` objects in one unit; the answer comes after its COMMIT.

        Raises what the unit raises for these alone. A caller who goes away leaves when it is
        certain what became of them.
        """
        share = _Share(received, asyncio.get_running_loop().create_future())
        if sender in self._waiting:
            self._waiting[sender].append(share)
        else:
            self._waiting[sender] = deque([share])
            self._begin(units, sender)
        try:
            async with asyncio.timeout(LONGEST_UNIT_S):
                return await asyncio.shield(share.answer)
        except asyncio.CancelledError:
            if self._leave(sender, share):
                await asyncio.wait([share.answer], timeout=LONGEST_UNIT_S)
            raise
        except TimeoutError:
            self._leave(sender, share)
            raise

    def _leave(self, sender: Sender, share: _Share) -> bool:
        """Nobody waits for it; whether it has begun, and cannot be called back."""
        share.is_gone = True
        waiting = self._waiting.get(sender, deque())
        if share not in waiting:
            return True
        waiting.remove(share)
        return False

    def _begin(self, units: Units, sender: Sender) -> None:
        """Start the next unit, or forget a sender of whom nothing waits."""
        if not self._waiting[sender]:
            del self._waiting[sender]
            return
        shares = self._take(self._waiting[sender])
        unit = writing(
            sender.actor,
            receipt.receive_all,
            [each for share in shares for each in share.received],
            institution_id=sender.institution_id,
            way=sender.way,
            source=sender.source,
        )
        loop = asyncio.get_running_loop()
        end = partial(self._end, units, sender, shares)

        def tell(done: "Future[list[Ingested]]") -> None:
            with contextlib.suppress(RuntimeError):  # the loop has closed: nobody waits any more
                loop.call_soon_threadsafe(end, done)

        units.write(unit, only_files=True).add_done_callback(tell)

    def _take(self, waiting: "deque[_Share]") -> list[_Share]:
        shares = [waiting.popleft()]
        count = len(shares[0].received)
        while waiting and not (shares[0].is_alone or waiting[0].is_alone):
            count += len(waiting[0].received)
            if count > MOST_AT_ONCE:
                break
            shares.append(waiting.popleft())
        return shares

    def _end(
        self,
        units: Units,
        sender: Sender,
        shares: Sequence[_Share],
        done: "Future[list[Ingested]]",
    ) -> None:
        """Answer; what failed together is tried one by one, so that each has its own answer."""
        failure = done.exception()
        if failure is None:
            filed = iter(done.result())
            for share in shares:
                share.answer.set_result([next(filed) for _ in share.received])
        elif len(shares) == 1:
            shares[0].answer.set_exception(failure)
        else:
            self._part(self._waiting[sender], shares, failure)
        self._begin(units, sender)

    def _part(
        self, waiting: "deque[_Share]", shares: Sequence[_Share], failure: BaseException
    ) -> None:
        for share in reversed(shares):
            if share.is_gone:
                share.answer.set_exception(failure)
            else:
                share.is_alone = True
                waiting.appendleft(share)

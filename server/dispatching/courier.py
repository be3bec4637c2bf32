"""The standing job that brings what reports leave to where it is wanted: one courier a destination.

A destination that is slow or away keeps its own courier busy and nobody else's. What a courier had
in hand when the process went is found waiting by the next one, and goes again: a peer keeps one
object of a UID.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final

import structlog
from aiohttp import web

from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.kernel.errors import UnavailableError
from consult.kernel.work import Actor
from consult.reports.destinations.model import Destination, DispatchWay
from consult.reports.dispatches import service as dispatches
from consult.reports.dispatches.model import Dispatch, ObjectState, SentObject, Tried
from imaging.errors import JailUnavailableError
from server.dispatching import network, stow
from server.dispatching.parcels import Pair, Parcel, name_of, portions
from server.images.imagestore import all_in_memory, wrapped_key_of
from server.keys import RULES, TASKS, UNITS
from server.transactions import as_system, as_system_read, read_as

log = structlog.get_logger()
SEND_EVERY_S: Final = 2.0
_MOST_IN_A_ROW: Final = 50


@dataclass(slots=True)
class Couriers:
    """The destinations to which somebody is under way, and to which the last one was sent."""

    out: set[str] = field(default_factory=set)
    last: str = ""


COURIERS: Final = web.AppKey("couriers", Couriers)


async def send_due(app: web.Application) -> None:
    """Send a courier to each destination for which something waits and nobody is under way."""
    couriers = app[COURIERS]
    found = await as_system_read(
        app,
        dispatches.list_due,
        without=frozenset(couriers.out),
        limit=app[RULES].dispatch.at_once - len(couriers.out),
        after=couriers.last,
    )
    for destination_id in found:
        couriers.out.add(destination_id)
        couriers.last = destination_id
        app[TASKS].start(_go(app, destination_id), name="courier")


async def _go(app: web.Application, destination_id: str) -> None:
    """Send one after the other, until others have waited long enough for a courier."""
    rules = app[RULES].dispatch
    back_at = monotonic() + rules.round_s
    try:
        for _ in range(_MOST_IN_A_ROW):
            if not await _send_next(app, destination_id) or monotonic() >= back_at:
                return
    except Exception as error:  # noqa: BLE001 - the outermost point of a courier: it goes again
        log.warning("courier failed", object_id=destination_id, error=type(error).__name__)
        await as_system(app, dispatches.note_broken, destination_id=destination_id, rules=rules)
    finally:
        app[COURIERS].out.discard(destination_id)


async def _send_next(app: web.Application, destination_id: str) -> bool:
    """Send what goes next; False where nothing does, or nobody is reached."""
    found = await as_system_read(app, dispatches.find_next, destination_id)
    if found is None:
        return False
    destination, dispatch, token = found
    tried = await _try(app, destination, dispatch, token)
    if tried.failure:
        log.warning(
            "report not sent",
            object_id=dispatch.report_id,
            institution_id=destination.institution_id,
            code=tried.failure,
        )
    await as_system(
        app, dispatches.note_try, dispatch_id=dispatch.id, tried=tried, rules=app[RULES].dispatch
    )
    return tried.was_reached


async def _try(
    app: web.Application, destination: Destination, dispatch: Dispatch, token: str
) -> Tried:
    """Send it; one at which we stumble waits as others do, and what is behind it goes."""
    try:
        return await send(app, destination, dispatch, token)
    except Exception as error:  # noqa: BLE001 - what is wrong with one dispatch stops no other
        log.warning("sending failed", object_id=dispatch.report_id, error=type(error).__name__)
        return Tried({}, "house-failed")


async def send(
    app: web.Application, destination: Destination, dispatch: Dispatch, token: str
) -> Tried:
    """Send what waits of a dispatch; what its institution may not see any more is not sent."""
    rules, waiting = app[RULES].dispatch, dispatch.waiting
    actor = Actor(None, destination.institution_id, machine_id=destination.id)
    stored = await read_as(app[UNITS], actor, dispatches.list_to_send, waiting)
    by_id = {str(each.id): each for each in stored}
    tried = Tried(
        {each.instance_id: _lost(each) for each in waiting if each.instance_id not in by_id}
    )
    pairs = [(each, by_id[each.instance_id]) for each in waiting if each.instance_id in by_id]
    for portion in portions(pairs, most_bytes=rules.request_bytes):
        more = await _send_portion(app, destination, portion, token)
        tried = replace(more, objects={**tried.objects, **more.objects})
        if tried.failure:
            break
    return tried


async def _send_portion(
    app: web.Application, destination: Destination, portion: Sequence[Pair], token: str
) -> Tried:
    blobs = [instance.original for _, instance in portion]
    key = await wrapped_key_of(app, blobs[0].institution_id)
    try:
        async with all_in_memory(app, blobs, wrapped_key=key) as descriptors:
            parcels = [
                Parcel(sent, name_of(instance), descriptor, instance.original.size_bytes)
                for (sent, instance), descriptor in zip(portion, descriptors, strict=True)
            ]
            rules = app[RULES].dispatch
            if destination.way is DispatchWay.STOW:
                return await stow.store(destination, token, parcels, rules)
            return await network.store(app, destination, parcels, rules)
    except (BlobDamagedError, BlobMissingError):
        return await _without_broken(app, destination, portion, token)
    except (JailUnavailableError, UnavailableError):
        return Tried({}, "house-busy")


async def _without_broken(
    app: web.Application, destination: Destination, portion: Sequence[Pair], token: str
) -> Tried:
    """One after the other: of a stored object that is not whole nothing can be sent."""
    if len(portion) == 1:
        sent = portion[0][0]
        return Tried({sent.instance_id: replace(_lost(sent), code="not-whole")})
    tried = Tried({})
    for pair in portion:
        more = await _send_portion(app, destination, [pair], token)
        tried = replace(more, objects={**tried.objects, **more.objects})
        if tried.failure:
            break
    return tried


def _lost(sent: SentObject) -> SentObject:
    return replace(sent, state=ObjectState.REFUSED, code="withdrawn")


def furnish_couriers(app: web.Application) -> None:
    """Nobody is under way yet."""
    app[COURIERS] = Couriers()

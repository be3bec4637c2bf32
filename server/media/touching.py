"""Whether aiortc is as we knew it: packets are passed from one connection to another at the start.

By the same classes as in rooms, with a lost packet, a source that was not told and a request for a
whole picture: so the private names that decision 0257 lists are used. Where the short way (C3)
fails, the long way (C1) is tried.
"""

import asyncio
import dataclasses
import re
from typing import Final

import structlog

from server.media.outlet import OUTLETS
from server.media.publishing import Publishing, check_wish
from server.media.receiver import ForwardReceiver
from server.media.sender import ForwardSender
from server.media.settled import Settled
from server.media.subscription import Subscription
from server.media.track import Track

log = structlog.get_logger()
SHORT, LONG, NONE = "c3", "c1", ""
_LONGEST_S = 20.0
_LOOK_EVERY_S: Final = 0.02
_PAYLOAD: Final = b"\x10" + bytes(99)
_STEP: Final = 3000
_LOSE_EACH: Final = 8
_CANDIDATE: Final = re.compile(r"^a=candidate:(?:\S+ ){4}(\S+) ", re.MULTILINE)
_SOURCES: Final = re.compile(r"^a=ssrc(?:-group)?:[^\n]*\n", re.MULTILINE)


class EngineStrangeError(Exception):
    """The engine is not what we knew."""


async def choose_way(wanted: str, settled: Settled) -> str:
    """The way that works: the wanted one, or the long one, or none.

    Each is tried twice, since a machine that is busy at its start is no engine that has changed.
    It is tried by our own addresses: few routers lead a packet of ours to their outer one back in.
    """
    own = dataclasses.replace(settled, public_address="")
    for way in (wanted, wanted, LONG, LONG):
        OUTLETS.is_short = way == SHORT
        fault = await _find_fault(dataclasses.replace(own, is_short=way == SHORT))
        if not fault:
            return way
        log.error("media way fails", code=way, error=fault)
    return NONE


async def _find_fault(settled: Settled) -> str:
    try:
        async with asyncio.timeout(_LONGEST_S):
            await _pass_packets(settled)
    except Exception as error:  # noqa: BLE001 - whatever it is, this way is not taken
        return type(error).__name__
    return ""


async def _pass_packets(settled: Settled) -> None:
    """From a track through two connections of our own to another track."""
    source = Track("video", "camera", settled.rules)
    landed: dict[str, Track] = {}
    giver, taker = Subscription(settled, lambda: None), Publishing(settled, landed)
    try:
        offered = await giver.offer([source])
        if offered is None:
            raise EngineStrangeError
        untold = _SOURCES.sub("", offered.text)
        sources = dict.fromkeys(offered.tracks, source.source)
        answer = await taker.accept(check_wish(untold, sources, settled.rules))
        _check_addresses(settled, offered.text, answer)
        await giver.answer(offered.number, answer)
        source.codec = "vp8"
        await _send_until(source, landed[source.source], giver.senders[source])
        _check_connections(giver, taker)
    finally:
        await giver.close()
        await taker.close()


def _check_addresses(settled: Settled, *texts: str) -> None:
    ours = set(settled.addresses)
    for text in texts:
        told = set(_CANDIDATE.findall(text))
        if not told or not told <= ours:
            raise EngineStrangeError


def _check_connections(giver: Subscription, taker: Publishing) -> None:
    for end in (giver, taker):
        end.connection.beat()
        if not end.connection.has_heard:
            raise EngineStrangeError
    for section in taker.connection.sections:
        receiver = section.receiver
        if not isinstance(receiver, ForwardReceiver) or (OUTLETS.is_short and receiver.objects):
            raise EngineStrangeError


async def _send_until(source: Track, landing: Track, sender: ForwardSender) -> None:
    """Lose a packet, and go on until it was sent again and a whole picture was wanted."""
    number = 0
    while not (source.takers and sender.resent and sender.keyframes_wanted and landing.octets):
        await asyncio.sleep(_LOOK_EVERY_S)
        if not sender.is_ready:
            continue
        number += 1
        source.takers[:] = [] if number % _LOSE_EACH == 0 else [sender]
        source.take(number, 0x80, number * _STEP, _PAYLOAD)
        landing.ask_for_keyframe()

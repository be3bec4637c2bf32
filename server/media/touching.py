"""Whether aiortc is as we knew it: packets are passed from one connection to another at the start.

All private names that we touch (decision 0257) are used here, with a lost packet and a request for
a whole picture; where the short way (C3) fails, the long way (C1) is tried.
"""

import asyncio
from typing import Final

import structlog

from server.media.engine import RTCSessionDescription, make_peer
from server.media.limits import RoomRules
from server.media.outlet import OUTLETS
from server.media.receiver import ForwardReceiver
from server.media.sender import ForwardSender
from server.media.track import Track

log = structlog.get_logger()
SHORT, LONG, NONE = "c3", "c1", ""
_LONGEST_S = 20.0
_LOOK_EVERY_S: Final = 0.02
_PAYLOAD: Final = b"\x10" + bytes(99)
_STEP: Final = 3000
_LOSE_EACH: Final = 8


class EngineStrangeError(Exception):
    """The engine is not what we knew."""


async def choose_way(wanted: str, rules: RoomRules) -> str:
    """The way that works: the wanted one, or the long one, or none."""
    for way in (wanted, LONG):
        OUTLETS.is_short = way == SHORT
        fault = await _find_fault(rules)
        if not fault:
            return way
        log.error("media way fails", code=way, error=fault)
    return NONE


async def _find_fault(rules: RoomRules) -> str:
    try:
        async with asyncio.timeout(_LONGEST_S):
            await _pass_packets(rules)
    except Exception as error:  # noqa: BLE001 - whatever it is, this way is not taken
        return type(error).__name__
    return ""


async def _pass_packets(rules: RoomRules) -> None:
    """From a track through two connections of our own to another track."""
    source, landing = Track("video", "camera", rules), Track("video", "camera", rules)
    giver, taker = make_peer(), make_peer()
    try:
        sender = giver.addTransceiver("video", "sendonly").sender
        await giver.setLocalDescription()
        await taker.setRemoteDescription(RTCSessionDescription(giver.localDescription.sdp, "offer"))
        receiver = taker.getTransceivers()[0].receiver
        if not (isinstance(sender, ForwardSender) and isinstance(receiver, ForwardReceiver)):
            raise EngineStrangeError
        receiver.bring(landing)
        await taker.setLocalDescription()
        answer = RTCSessionDescription(taker.localDescription.sdp, "answer")
        await giver.setRemoteDescription(answer)
        sender.bind(source, rules)
        source.codec = "vp8"
        await _send_until(source, landing, sender)
        if OUTLETS.is_short and receiver.objects:
            raise EngineStrangeError
    finally:
        for peer in (giver, taker):
            OUTLETS.close(peer.getTransceivers()[0].receiver.transport)
            await peer.close()


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

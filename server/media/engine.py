"""The one door to aiortc: what of it is used, and what is changed when the process starts.

Every private name that is touched is listed in decision 0257 and asserted by `touching`.
"""

from collections.abc import Sequence
from typing import Final

from server.media.absent import stand_in

stand_in()

import aioice.ice  # noqa: E402 - the stand-in must be there first
import aiortc.rtcpeerconnection as peer_connections  # noqa: E402
from aiortc import (  # noqa: E402
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from aiortc.codecs import CODECS, HEADER_EXTENSIONS, is_rtx  # noqa: E402
from aiortc.exceptions import (  # noqa: E402
    InternalError,
    InvalidAccessError,
    InvalidStateError,
    OperationError,
)
from aiortc.rtcdtlstransport import RTCDtlsTransport  # noqa: E402
from aiortc.rtcrtpparameters import (  # noqa: E402
    RTCRtcpFeedback,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpReceiveParameters,
    RTCRtpSendParameters,
)
from aiortc.sdp import candidate_from_sdp  # noqa: E402

__all__ = [
    "CODECS",
    "HEADER_EXTENSIONS",
    "REFUSALS",
    "TWCC",
    "RTCDtlsTransport",
    "RTCPeerConnection",
    "RTCRtpCodecParameters",
    "RTCRtpHeaderExtensionParameters",
    "RTCRtpReceiveParameters",
    "RTCRtpReceiver",
    "RTCRtpSendParameters",
    "RTCRtpSender",
    "RTCRtpTransceiver",
    "RTCSessionDescription",
    "candidate_from_sdp",
    "is_rtx",
    "make_peer",
    "prepare_engine",
    "use_addresses",
    "use_classes",
]

TWCC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
_TWCC_ID: Final = 5
REFUSALS: Final = (
    *(ValueError, KeyError, IndexError, TypeError, AttributeError, AssertionError, ConnectionError),
    *(InternalError, InvalidAccessError, InvalidStateError, OperationError, StopIteration),
)
"""What aiortc raises where a description or a candidate is not what it should be."""


def make_peer() -> RTCPeerConnection:
    """A connection with host candidates alone; several tracks need it bundled (aiortc 1414)."""
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


def prepare_engine() -> None:
    """Opus, VP8 and H264 alone; lost sound is asked for again, and arrival times are told.

    It changes aiortc's tables for the whole process, once.
    """
    opus = CODECS["audio"][0]
    CODECS["audio"][:] = [opus]
    opus.parameters = {"minptime": "10", "useinbandfec": "1"}
    opus.rtcpFeedback = [RTCRtcpFeedback(type="nack"), RTCRtcpFeedback(type="transport-cc")]
    for codec in CODECS["video"]:
        if not is_rtx(codec):
            codec.rtcpFeedback.append(RTCRtcpFeedback(type="transport-cc"))
    for known in HEADER_EXTENSIONS.values():
        known.append(RTCRtpHeaderExtensionParameters(id=_TWCC_ID, uri=TWCC))


def use_classes(receiver: type[RTCRtpReceiver], sender: type[RTCRtpSender]) -> None:
    """Have connections made with our own receivers and senders."""
    peer_connections.RTCRtpReceiver = receiver  # type: ignore[attr-defined]
    peer_connections.RTCRtpSender = sender  # type: ignore[attr-defined]


def use_addresses(addresses: Sequence[str]) -> None:
    """Have connections listen at these addresses of ours, and at no others."""
    chosen = list(addresses)

    def answer(use_ipv4: bool, use_ipv6: bool) -> list[str]:  # noqa: FBT001 - aioice's signature
        del use_ipv4, use_ipv6
        return chosen

    aioice.ice.get_host_addresses = answer

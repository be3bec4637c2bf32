"""Moving pictures: which transfer syntaxes are video, and in what their stream is wrapped."""

from collections.abc import Mapping
from typing import Final

_PREFIX: Final = "1.2.840.10008.1.2.4"
_H264: Final = "h264"
_HEVC: Final = "hevc"
_MPEG2: Final = "mpeg2"

CODINGS: Final[Mapping[str, str]] = {
    f"{_PREFIX}.{number}{tail}": coding
    for coding, numbers in {
        _MPEG2: (100, 101),
        _H264: (102, 103, 104, 105, 106),
        _HEVC: (107, 108),
    }.items()
    for number in numbers
    for tail in ("", ".1")
    if not (tail and coding == _HEVC)
}
"""How the stream of a video is coded, by its transfer syntax (PS3.5 8.2.5 to 8.2.10, A.4.5 on)."""

MP4: Final = "video/mp4"
TRANSPORT_STREAM: Final = "video/mp2t"
UNKNOWN: Final = "application/octet-stream"
HEAD_BYTES: Final = 192
_PACKET_BYTES: Final = 188
_SYNC: Final = 0x47


def container_of(head: bytes) -> str:
    """Return the media type that the first bytes of a stream show (PS3.5 8.2.7).

    A stream without a container, as some devices write it, is application/octet-stream.
    """
    if head[4:8] == b"ftyp":  # ISO/IEC 14496-12 4.3
        return MP4
    # ISO/IEC 13818-1 2.4.3.2: each packet of 188 bytes begins with the same one
    if len(head) > _PACKET_BYTES and head[0] == head[_PACKET_BYTES] == _SYNC:
        return TRANSPORT_STREAM
    return UNKNOWN

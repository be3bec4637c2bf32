"""VP8 in RTP (RFC 7741): the descriptor before each payload, and what a keyframe says of itself."""

from typing import Final

from server.media.recording.frames import Frame

_HAS_MORE, _BEGINS, _PARTITION = 0x80, 0x10, 0x07
_HAS_PICTURE_ID, _HAS_LAYER_ZERO, _HAS_LAYER_OR_KEY = 0x80, 0x40, 0x30
_IS_LONG: Final = 0x80
_NOT_KEY: Final = 0x01  # RFC 6386 section 9.1
_START_CODE: Final = b"\x9d\x01\x2a"
_KEY_HEAD: Final = 10
_PIXELS: Final = 0x3FFF


class Vp8:
    """Packets of VP8 are cut anywhere, so only the first is known as such."""

    def read(self, payload: bytes) -> tuple[bool, bytes] | None:
        """Whether a picture begins here, and the bytes after the descriptor."""
        try:
            first, at = payload[0], 1
            if first & _HAS_MORE:
                more, at = payload[1], 2
                if more & _HAS_PICTURE_ID:
                    at += 2 if payload[at] & _IS_LONG else 1
                at += bool(more & _HAS_LAYER_ZERO) + bool(more & _HAS_LAYER_OR_KEY)
        except IndexError:
            return None
        if at >= len(payload):
            return None
        return bool(first & _BEGINS) and not first & _PARTITION, payload[at:]

    def finish(self, stamp: int, data: bytes) -> Frame | None:
        """The picture; None where its head is not one."""
        if data[0] & _NOT_KEY:
            return Frame(stamp, data, is_key=False)
        if len(data) < _KEY_HEAD or data[3:6] != _START_CODE:
            return None
        size = (
            int.from_bytes(data[6:8], "little") & _PIXELS,
            int.from_bytes(data[8:10], "little") & _PIXELS,
        )
        return Frame(stamp, data, is_key=True, size=size) if all(size) else None

    def begin(self) -> None:
        """Nothing is half read between packets."""

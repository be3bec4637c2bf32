"""Real sound and pictures for recordings, made and read by Debian's ffmpeg (a tool of tests alone).

Once a second the picture is white for a moment, and a tone sounds at the same moment.
"""

import json
import struct
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

RATE = 25
_FRAME_S = 1 / RATE
_SOUND = "if(lt(mod(t\\,1)\\,0.1)\\,0.8*sin(2*PI*1000*t)\\,0)"
_MOST_BYTES = 1100


@dataclass(frozen=True)
class Piece:
    """One frame or one packet of sound, and when it is shown."""

    at_s: float
    data: bytes


@cache
def sound(length_s: int) -> list[Piece]:
    """Packets of Opus, 20 ms each."""
    made = _run(
        *("-f", "lavfi", "-i", f"aevalsrc={_SOUND}:s=48000:d={length_s}"),
        *("-c:a", "libopus", "-frame_duration", "20", "-application", "lowdelay", "-f", "ogg", "-"),
    )
    packets = _ogg_packets(made)[2:]
    return [Piece(number * 0.02, data) for number, data in enumerate(packets)]


@cache
def pictures(length_s: int, *, size: str = "320x240", codec: str = "vp8") -> list[Piece]:
    """Frames of VP8, or of H264 in their units; a whole picture every second."""
    made = _run(
        *("-f", "lavfi", "-i", f"color=black:s={size}:r={RATE}:d={length_s}"),
        *("-vf", "drawbox=c=white:t=fill:enable='lt(mod(t,1),0.1)'", "-pix_fmt", "yuv420p"),
        *(_VP8 if codec == "vp8" else _H264),
        *(
            "-g",
            str(RATE),
            "-keyint_min",
            str(RATE),
            "-f",
            "ivf" if codec == "vp8" else "h264",
            "-",
        ),
    )
    frames = _ivf_frames(made) if codec == "vp8" else _access_units(made)
    return [Piece(number * _FRAME_S, data) for number, data in enumerate(frames)]


_VP8 = ("-c:v", "libvpx", "-deadline", "realtime", "-auto-alt-ref", "0", "-b:v", "300k")
_H264 = (
    *("-c:v", "libx264", "-profile:v", "baseline", "-tune", "zerolatency", "-sc_threshold", "0"),
    *("-x264-params", "sliced-threads=0:slices=1:repeat-headers=1:aud=0"),
)


def in_packets(frame: bytes, codec: str, most: int = _MOST_BYTES) -> list[bytes]:
    """The payloads of one picture, after RFC 7741 or RFC 6184."""
    if codec == "h264":
        return _h264_packets(frame, most)
    pieces = [frame[at : at + most] for at in range(0, len(frame), most)]
    return [bytes([0x00 if number else 0x10]) + piece for number, piece in enumerate(pieces)]


def probe(path: Path) -> dict[str, Any]:
    """What ffprobe says of a file: its stream, and each decoded frame of it."""
    told = subprocess.run(
        [
            *("ffprobe", "-v", "error", "-show_streams", "-show_frames"),
            *("-of", "json", str(path)),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert not told.stderr, told.stderr[:1000].decode()
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def flashes_s(path: Path) -> list[float]:
    """When the decoded picture turns from dark to white, from the beginning of the file."""
    shown = subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-copyts", "-i", str(path), "-vf"),
            *(
                "scale=16:16,format=gray,showinfo",
                "-fps_mode",
                "passthrough",
                "-f",
                "rawvideo",
                "-",
            ),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    ).stdout
    times = [float(each["pts_time"]) for each in probe(path)["frames"]]
    frames = [shown[at : at + 256] for at in range(0, len(shown), 256)]
    light = [sum(frame) / len(frame) > 128 for frame in frames]
    return [times[n] for n in range(1, len(light)) if light[n] and not light[n - 1]]


def tones_s(path: Path) -> list[float]:
    """When the decoded sound begins after a silence, from the beginning of the file."""
    heard = subprocess.run(
        [
            *("ffmpeg", "-v", "error", "-i", str(path), "-af", "aresample=async=1:first_pts=0"),
            *("-f", "s16le", "-ac", "1", "-ar", "48000", "-"),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    ).stdout
    samples = struct.unpack(f"<{len(heard) // 2}h", heard)
    found, silent_since = [], 0
    for number, sample in enumerate(samples):
        if abs(sample) > 4000:
            if number - silent_since > 24_000:
                found.append(number / 48_000)
            silent_since = number
    return found


def _run(*arguments: str) -> bytes:
    return subprocess.run(
        ["ffmpeg", "-v", "error", *arguments], check=True, capture_output=True, timeout=120
    ).stdout


def _ivf_frames(data: bytes) -> list[bytes]:
    frames, at = [], 32
    while at < len(data):
        (size,) = struct.unpack_from("<I", data, at)
        frames.append(data[at + 12 : at + 12 + size])
        at += 12 + size
    return frames


def _ogg_packets(data: bytes) -> list[bytes]:
    packets, at, rest = [], 0, b""
    while at < len(data):
        count = data[at + 26]
        sizes = data[at + 27 : at + 27 + count]
        at += 27 + count
        for size in sizes:
            rest += data[at : at + size]
            at += size
            if size < 255:
                packets.append(rest)
                rest = b""
    return packets


def units_of(data: bytes) -> list[bytes]:
    """The units of an H264 byte stream (Annex B)."""
    parts = data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [each for each in parts if each]


def _access_units(data: bytes) -> list[bytes]:
    """Pictures as byte streams: each slice ends one."""
    frames, gathered = [], b""
    for unit in units_of(data):
        gathered += b"\0\0\1" + unit
        if unit[0] & 0x1F in {1, 5}:
            frames.append(gathered)
            gathered = b""
    return frames


def _h264_packets(frame: bytes, most: int) -> list[bytes]:
    units = units_of(frame)
    small = [unit for unit in units if unit[0] & 0x1F in {6, 7, 8}]
    packets = []
    if small:
        packets.append(b"\x78" + b"".join(struct.pack(">H", len(u)) + u for u in small))
    for unit in units:
        if unit in small:
            continue
        if len(unit) <= most:
            packets.append(unit)
            continue
        pieces = [unit[at : at + most] for at in range(1, len(unit), most)]
        for number, piece in enumerate(pieces):
            about = unit[0] & 0x1F
            about |= 0x80 if number == 0 else 0
            about |= 0x40 if number == len(pieces) - 1 else 0
            packets.append(bytes([unit[0] & 0xE0 | 28, about]) + piece)
    return packets

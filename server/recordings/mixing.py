"""How the tracks of a recording become one picture and one sound: the plan, as ffmpeg is told it.

Each track is an input of its own, moved to its place in the time of the whole; pictures lie side by
side on black, and are shown only while they were recorded, never over a pause (0315).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

MOST_INPUTS: Final = 40
MOST_TILES: Final = 6
_TILE: Final = (640, 360)
_RATE: Final = 15
_COLUMNS: Final = 3
_DECODERS: Final = {"vp8": "vp8", "h264": "h264", "opus": "libopus"}
_BITS_A_TILE: Final = 350_000


class TooMuchToMixError(Exception):
    """More files than are mixed at once, or nothing that is seen or heard."""


@dataclass(frozen=True, slots=True)
class MixedTrack:
    """One kept file: whose it is in words, its kind, and from when to when it is shown, in ms."""

    name: str
    is_picture: bool
    codec: str
    starts_ms: int
    shown_ms: Sequence[tuple[int, int]]


def choose(tracks: Iterable[MixedTrack]) -> list[int]:
    """Which of the tracks go in: every sound, and the pictures of the first six people or screens.

    Raises TooMuchToMixError.
    """
    found, tiles = [], dict[str, None]()
    for place, track in enumerate(tracks):
        if track.codec not in _DECODERS:
            continue
        if track.is_picture:
            if track.name not in tiles and len(tiles) == MOST_TILES:
                continue
            tiles[track.name] = None
        found.append(place)
    if not found or len(found) > MOST_INPUTS:
        raise TooMuchToMixError
    return found


def arguments(
    tracks: Sequence[MixedTrack], descriptors: Sequence[int], length_ms: int
) -> list[str]:
    """What ffmpeg is told; each track comes by its descriptor, the file goes to its output."""
    words = ["-nostdin", "-v", "error", "-filter_threads", "1", "-filter_complex_threads", "1"]
    for descriptor, track in zip(descriptors, tracks, strict=True):
        words += ["-protocol_whitelist", "pipe", "-threads", "1", "-f", "matroska"]
        words += ["-reinit_filter", "0"]  # else each change of size moves all that follows
        words += ["-c:v" if track.is_picture else "-c:a", _DECODERS[track.codec]]
        words += ["-itsoffset", _seconds(track.starts_ms), "-i", f"pipe:{descriptor}"]
    graph, has_sound = _graph(tracks, length_ms)
    words += ["-filter_complex", graph, "-map", "[picture]"]
    if has_sound:
        words += ["-map", "[sound]", "-c:a", "libopus", "-b:a", "64k", "-ac", "2"]
    tiles = max(len(_tiles(tracks)), 1)
    words += ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-threads", "2"]
    words += ["-auto-alt-ref", "0", "-b:v", str(_BITS_A_TILE * tiles), "-g", str(_RATE * 10)]
    return [*words, "-t", _seconds(length_ms), "-f", "webm", "pipe:1"]


def size_of(tiles: int) -> tuple[int, int]:
    """Width and height of the whole picture, in pixels."""
    columns = min(max(tiles, 1), 2 if tiles <= 4 else _COLUMNS)  # noqa: PLR2004 - two by two
    return _TILE[0] * columns, _TILE[1] * ceil(max(tiles, 1) / columns)


def _tiles(tracks: Iterable[MixedTrack]) -> list[str]:
    return list(dict.fromkeys(track.name for track in tracks if track.is_picture))


def _graph(tracks: Sequence[MixedTrack], length_ms: int) -> tuple[str, bool]:
    tiles = _tiles(tracks)
    width, height = size_of(len(tiles))
    length = _seconds(length_ms)
    steps = [f"color=black:s={width}x{height}:r={_RATE}:d={length}[on0]"]
    on, sounds = 0, []
    for number, track in enumerate(tracks):
        if not track.is_picture:
            steps.append(f"[{number}:a]aresample=48000:async=1:first_pts=0[a{number}]")
            sounds.append(f"[a{number}]")
            continue
        tile = tiles.index(track.name)
        columns = width // _TILE[0]
        at = f"x={tile % columns * _TILE[0]}:y={tile // columns * _TILE[1]}"
        steps.append(f"[{number}:v]{_fitted()}[v{number}]")
        shown = "+".join(f"between(t,{_seconds(a)},{_seconds(b)})" for a, b in track.shown_ms)
        rule = f"{at}:eof_action=pass:repeatlast=0:enable='{shown or '0'}'"
        steps.append(f"[on{on}][v{number}]overlay={rule}[on{on + 1}]")
        on += 1
    steps.append(f"[on{on}]format=yuv420p[picture]")
    if sounds:
        mixed = f"amix=inputs={len(sounds)}:duration=longest:normalize=0,alimiter=limit=0.9"
        steps.append(f"{''.join(sounds)}{mixed}:level=0[sound]")
    return ";".join(steps), bool(sounds)


def _fitted() -> str:
    """A picture of any size, and of any that it changes to, in the middle of its place."""
    width, height = _TILE
    return (
        f"scale={width}:{height}:force_original_aspect_ratio=decrease,"
        f"pad={width}:{height}:(ow-iw)/2:(oh-ih)/2:eval=frame,setsar=1,format=yuv420p"
    )


def _seconds(at_ms: int) -> str:
    return f"{at_ms / 1000:.3f}"

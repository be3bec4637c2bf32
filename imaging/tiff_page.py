"""What one page of a TIFF is, and whether it can be taken as a photograph without loss."""

from dataclasses import dataclass
from typing import Final

from imaging.errors import Refusal, RefusedError
from imaging.preview import LARGEST_PIXELS
from imaging.tiff import LARGEST_DECODED_BYTES, METADATA, Directory, Tag

PLAIN: Final = 1
LZW: Final = 5
JPEG: Final = 7
DEFLATE: Final = frozenset({8, 32946})
PACK_BITS: Final = 32773

WHITE_IS_ZERO: Final = 0
RGB: Final = 2
PALETTE: Final = 3
YCBCR: Final = 6

_COMPRESSIONS: Final = frozenset({PLAIN, LZW, JPEG, PACK_BITS}) | DEFLATE
_SAMPLES_OF: Final = {WHITE_IS_ZERO: 1, 1: 1, RGB: 3, PALETTE: 1, YCBCR: 3}
_BITS: Final = frozenset({8, 16})
_WHOLE_NUMBERS: Final = frozenset({1, 4})
_MOST_SAMPLES: Final = 8
_BYTE_BITS: Final = 8
_COLOURS_OF_MAP: Final = 3 * 256
_HORIZONTAL: Final = 2
_APART: Final = 2


@dataclass(frozen=True, slots=True)
class Grid:
    """How the pixels lie in strips or tiles; `planes` is 1 where the samples lie together."""

    columns: int
    rows: int
    across: int
    down: int
    planes: int
    offsets: tuple[int, ...]
    lengths: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """One page that can be taken: `samples` as stored, of which `colours` are the picture."""

    directory: Directory
    rows: int
    columns: int
    bits: int
    samples: int
    colours: int
    photometric: int
    compression: int
    is_differenced: bool
    grid: Grid

    @property
    def shown_samples(self) -> int:
        """Samples a pixel once a palette has been looked up."""
        return 3 if self.photometric == PALETTE else self.colours

    @property
    def metadata(self) -> tuple[str, ...]:
        """Names of what does not go along, each once."""
        found = (METADATA[tag] for tag in sorted(self.directory.fields) if tag in METADATA)
        return tuple(dict.fromkeys(found))


def read_page(directory: Directory) -> Page:
    """Check everything that a decoder would rely on.

    Raises RefusedError: damaged, too large, or of a kind that cannot be carried as it is.
    """
    rows, columns = directory.number(Tag.ROWS, 0), directory.number(Tag.COLUMNS, 0)
    samples = directory.number(Tag.SAMPLES, 1)
    if not rows or not columns or not 1 <= samples <= _MOST_SAMPLES:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    photometric = _photometric(directory, samples)
    compression = _compression(directory, photometric)
    bits = _bits(directory, compression=compression, photometric=photometric)
    if rows * columns > LARGEST_PIXELS or rows * columns * samples * bits // 8 > (
        LARGEST_DECODED_BYTES
    ):
        raise RefusedError(Refusal.PICTURE_TOO_LARGE)
    return Page(
        directory,
        rows,
        columns,
        bits,
        samples,
        _SAMPLES_OF[photometric],
        photometric,
        compression,
        directory.number(Tag.PREDICTOR, 1) == _HORIZONTAL,
        _grid(directory, rows=rows, columns=columns, samples=samples),
    )


def _photometric(directory: Directory, samples: int) -> int:
    photometric = directory.number(Tag.PHOTOMETRIC, -1)
    if photometric not in _SAMPLES_OF:
        raise RefusedError(Refusal.TIFF_COLOURS)
    if samples < _SAMPLES_OF[photometric]:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    if photometric == PALETTE and len(directory.numbers(Tag.COLOUR_MAP)) != _COLOURS_OF_MAP:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    return photometric


def _compression(directory: Directory, photometric: int) -> int:
    compression = directory.number(Tag.COMPRESSION, PLAIN)
    is_known = compression in _COMPRESSIONS and directory.number(Tag.FILL_ORDER, 1) == 1
    # YCbCr outside JPEG is subsampled in a packing of its own (section 21), which cameras leave.
    if not is_known or (photometric == YCBCR and compression != JPEG):
        raise RefusedError(Refusal.TIFF_COMPRESSION)
    if directory.number(Tag.PREDICTOR, 1) not in {1, _HORIZONTAL}:
        raise RefusedError(Refusal.TIFF_COMPRESSION)
    return compression


def _bits(directory: Directory, *, compression: int, photometric: int) -> int:
    stored = set(directory.numbers(Tag.BITS)) or {1}
    formats = set(directory.numbers(Tag.SAMPLE_FORMAT)) or {1}
    if not formats <= _WHOLE_NUMBERS:
        raise RefusedError(Refusal.TIFF_BITS)
    is_byte_bound = compression == JPEG or photometric == PALETTE
    if len(stored) > 1 or not stored <= _BITS or (is_byte_bound and stored != {_BYTE_BITS}):
        raise RefusedError(Refusal.TIFF_BITS)
    return next(iter(stored))


def _grid(directory: Directory, *, rows: int, columns: int, samples: int) -> Grid:
    is_tiled = directory.has(Tag.TILE_OFFSETS)
    if is_tiled:
        wide, high = directory.number(Tag.TILE_COLUMNS, 0), directory.number(Tag.TILE_ROWS, 0)
    else:
        wide, high = columns, min(directory.number(Tag.ROWS_PER_STRIP, rows), rows)
    if not wide or not high or wide * high > LARGEST_PIXELS:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    planes = samples if directory.number(Tag.PLANAR, 1) == _APART else 1
    across, down = -(-columns // wide), -(-rows // high)
    offsets = directory.numbers(Tag.TILE_OFFSETS if is_tiled else Tag.STRIP_OFFSETS)
    lengths = directory.numbers(Tag.TILE_BYTES if is_tiled else Tag.STRIP_BYTES)
    count = across * down * planes
    if len(offsets) != count or len(lengths) != count:
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    size = len(directory.data)
    if any(at + length > size for at, length in zip(offsets, lengths, strict=True)):
        raise RefusedError(Refusal.DAMAGED_PICTURE)
    return Grid(wide, high, across, down, planes, offsets, lengths)

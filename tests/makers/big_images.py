"""DICOM files of any size, made while they are sent: nobody holds one whole."""

import hashlib
import io
import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pydicom import dcmread, dcmwrite

from consult.kernel.ids import new_id
from consult.studies.model import Uids
from tests.makers.tiny_images import tiny_dicom

_PIECE = 4 << 20
_COLUMNS = 5000
_PIXEL_DATA = (0x7FE0, 0x0010)


@dataclass
class BigImage:
    """Grey noise, 5,000 pixels a row; `sha256` is known once all pieces were taken."""

    rows: int
    frames: int = 1
    seed: int = 1
    sha256: str = ""
    head: bytes = field(init=False)

    def __post_init__(self) -> None:
        uids = Uids(*(f"2.25.{int(new_id(), 16)}" for _ in range(3)))
        whole = tiny_dicom(uids, name="大图^张", number=new_id()[-12:], laterality="R")
        dataset = dcmread(io.BytesIO(whole))
        dataset.Rows, dataset.Columns = self.rows, _COLUMNS
        if self.frames > 1:
            dataset.NumberOfFrames = self.frames
        del dataset[_PIXEL_DATA]
        written = io.BytesIO()
        dcmwrite(written, dataset, enforce_file_format=True)
        self.head = written.getvalue() + struct.pack(
            "<HH2sHI", *_PIXEL_DATA, b"OB", 0, self._pixel_bytes
        )

    @property
    def _pixel_bytes(self) -> int:
        return self.rows * _COLUMNS * self.frames

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.head) + self._pixel_bytes

    def pieces(self) -> Iterator[tuple[int, bytes]]:
        """The file in pieces, each with its place."""
        noise = random.Random(self.seed).randbytes(_PIECE)  # noqa: S311 - no secret
        digest, offset, rest = hashlib.sha256(self.head), 0, self._pixel_bytes
        yield offset, self.head
        offset += len(self.head)
        while rest:
            piece = noise[: min(_PIECE, rest)]
            digest.update(piece)
            yield offset, piece
            offset, rest = offset + len(piece), rest - len(piece)
        self.sha256 = digest.hexdigest()

"""The note a fundus camera leaves in its JPEG: when the picture was taken, and by which model."""

from datetime import datetime

from PIL import Image
from PIL.ExifTags import IFD, Base

MAKER = "Jiangzhou Optics (fictional)"
MODEL = "JZ-45 demo"

_SOI = b"\xff\xd8"
_APP1 = b"\xff\xe1"
_EXIF_HEAD = b"Exif\x00\x00"
_EXIF_TIME = "%Y:%m:%d %H:%M:%S"


class NotAJpegError(ValueError):
    """The bytes do not begin as a JPEG does."""


def with_exif(jpeg: bytes, captured_at: datetime) -> bytes:
    """The same JPEG with an Exif segment (Exif 2.32, 4.5.4) that says when it was captured.

    The camera's clock shows local time without a zone, so `captured_at` is written as it stands;
    the coded picture behind the new segment is left untouched.
    """
    if not jpeg.startswith(_SOI):
        raise NotAJpegError
    written = captured_at.strftime(_EXIF_TIME)
    exif = Image.Exif()
    exif[Base.Make] = MAKER
    exif[Base.Model] = MODEL
    exif[Base.DateTime] = written
    exif.get_ifd(IFD.Exif)[Base.DateTimeOriginal] = written
    exif.get_ifd(IFD.Exif)[Base.DateTimeDigitized] = written
    body = exif.tobytes()
    body = body if body.startswith(_EXIF_HEAD) else _EXIF_HEAD + body
    length = (len(body) + 2).to_bytes(2, "big")
    return _SOI + _APP1 + length + body + jpeg[len(_SOI) :]

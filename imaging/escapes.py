"""ISO 2022 IR 58, in which Chinese devices write names, taught to pydicom (PS3.3 C.12.1.1.2).

pydicom takes Python's gb2312 for a codec that knows this escape sequence, and leaves it in names.
"""

import codecs
from typing import Any, Final

from pydicom import charset

ESCAPE: Final = b"\x1b$)A"
_TERM: Final = "ISO 2022 IR 58"
_CODEC: Final = "dicom_iso_ir_58"
_WIDER: Final = "gb18030"  # holds all of GB 2312, and what devices write beyond it


def teach() -> None:
    """Have pydicom read and write the term by a codec that knows the sequence."""
    codecs.register(_find)
    charset.python_encoding[_TERM] = _CODEC
    charset.CODES_TO_ENCODINGS[ESCAPE] = _CODEC
    charset.ENCODINGS_TO_CODES[_CODEC] = ESCAPE
    vars(charset).update(handled_encodings=(*charset.handled_encodings, _CODEC))


def _find(name: str) -> codecs.CodecInfo | None:
    return codecs.CodecInfo(_encode, _decode, name=_CODEC) if name == _CODEC else None


def _decode(data: Any, errors: str = "strict") -> tuple[str, int]:
    return bytes(data).replace(ESCAPE, b"").decode(_WIDER, errors), len(data)


def _encode(text: str, errors: str = "strict") -> tuple[bytes, int]:
    return ESCAPE + text.encode("gb2312", errors), len(text)

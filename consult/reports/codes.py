"""The verification code of a signed version: the head of its hash, in groups that a person reads.

Sixteen hexadecimal letters are 64 bits: nobody comes upon a report by guessing.
"""

import re
from typing import Final

_LETTERS: Final = 16
_GROUP: Final = 4
_SHAPE: Final = re.compile(rf"[0-9A-F]{{{_LETTERS}}}")


def code_of(sha256: str) -> str:
    """`3F2A-91BC-0D4E-77A1`."""
    head = sha256[:_LETTERS].upper()
    return "-".join(head[at : at + _GROUP] for at in range(0, _LETTERS, _GROUP))


def parse_code(text: str) -> str | None:
    """The head of the hash that a typed code names; None for anything that is no code."""
    plain = re.sub(r"[\s-]", "", text).upper()
    return plain.lower() if _SHAPE.fullmatch(plain) else None

"""A patient's name for whoever needs to tell people apart and not to know them (U28).

王英 becomes 王*, 王秀英 becomes 王*英, Wang Xiuying becomes W***.
"""

from typing import Final

_STAR: Final = "*"
_LATIN: Final = "***"
_SHORT: Final = 2


def mask_name(name: str) -> str:
    """The name with its middle hidden; a name in letters keeps only its first."""
    plain = name.strip()
    if not plain:
        return ""
    if plain[0].isascii() or not plain.replace("·", "").isalpha():
        return plain[0] + _LATIN
    if len(plain) <= _SHORT:
        return plain[0] + _STAR
    return plain[0] + _STAR * (len(plain) - _SHORT) + plain[-1]

"""What the index tells, as text of DICOM JSON (PS3.18 annex F) attribute by attribute.

An answer is made of these texts without being read or written again as JSON.
"""

import json
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from consult.kernel.keys import Vault

Told = Mapping[str, str]
"""The text of each attribute, by tag."""

_OPENED: Final = 2048
_WRITTEN: Final = 8192
_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@lru_cache(maxsize=_WRITTEN)
def attribute(vr: str, *values: str | int | None) -> str:
    """The text of one attribute; an empty one has no value (PS3.18 F.2.5)."""
    told = ",".join(text_of(value) for value in values if value not in {None, ""})
    return f'{{"vr":"{vr}","Value":[{told}]}}' if told else f'{{"vr":"{vr}"}}'


def text_of(value: object) -> str:
    """A value as JSON."""
    return _ENCODER.encode(value)


@lru_cache(maxsize=_OPENED)
def opened(vault: Vault, sealed: bytes, purpose: str) -> Told:
    """What was sealed, opened once for whoever was shown the sealed bytes by a search.

    Kept by the sealed bytes themselves: only who was let see them asks with them, and what is
    changed is sealed anew (decision 0193).
    """
    told: dict[str, Any] = json.loads(vault.open(sealed, purpose=purpose))
    return MappingProxyType({tag: text_of(value) for tag, value in told.items()})


def joined(told: Told, tags: frozenset[str] | None) -> str:
    """One result with these attributes, or all, in the order of their tags (PS3.18 F.2.2)."""
    wanted = sorted(told if tags is None else tags.intersection(told))
    return "{" + ",".join([f'"{tag}":{told[tag]}' for tag in wanted]) + "}"

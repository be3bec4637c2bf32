"""Which objects may be looked at one after the other in one child of the jail (decision 0196)."""

from typing import Final

CALM_SYNTAXES: Final = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})
"""Implicit and Explicit VR Little Endian: no decoder meets coded bytes."""
MOST_TOGETHER: Final = 16
OUTPUTS_EACH: Final = 3

"""Transfer syntaxes that lose nothing and need a decoder."""

from typing import Final

LOSSLESS: Final = frozenset(
    {
        "1.2.840.10008.1.2.4.57",
        "1.2.840.10008.1.2.4.70",
        "1.2.840.10008.1.2.4.80",
        "1.2.840.10008.1.2.4.90",
        "1.2.840.10008.1.2.4.201",
        "1.2.840.10008.1.2.4.202",
        "1.2.840.10008.1.2.5",
    }
)
"""Coded without loss (PS3.5 10): of these, and only these, every decoder must give one answer."""

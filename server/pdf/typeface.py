"""What is known of the typeface in which documents are set."""

from dataclasses import dataclass


@dataclass(slots=True)
class Typeface:
    """Its name, and what keeps documents from being set; nothing before it was asked."""

    family: str = ""
    warnings: tuple[str, ...] = ()

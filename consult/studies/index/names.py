"""Person Names for matching: component groups, words, and how Chinese is read aloud."""

import re
import unicodedata
from typing import Final

from consult.people.patients.names import search_keys

_PARTS: Final = re.compile(r"[\s^=,.]+")


def name_groups(text: str) -> str:
    """A Person Name for matching: each component group between `=`, lower case (PS3.5 6.2.1)."""
    groups = (part.rstrip("^ ").strip() for part in folded(text).split("="))
    return f"={'='.join(group for group in groups if group)}="


def folded(text: str) -> str:
    """The text as two ways of writing it are compared."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


def name_words(text: str) -> list[str]:
    """The words of a name, and how its Chinese is read aloud."""
    words = [word for word in _PARTS.split(folded(text)) if word]
    found = dict.fromkeys(words)
    for group in text.split("="):
        whole = "".join(group.split("^"))
        if any(ord(letter) > 0x2E7F for letter in whole):  # noqa: PLR2004 - CJK begins here
            keys = search_keys(whole)
            found |= dict.fromkeys((folded(whole), *keys.full, *keys.initials))
        elif whole:
            found |= dict.fromkeys((folded(whole).replace(" ", ""),))
    return list(found)

"""A patient's name: what may stand in it, how it is found by pinyin, hidden, and given to DICOM."""

import itertools
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import RefusedError
from consult.kernel.rules import RuleTable
from consult.people.patients.pinyin import read_every_way, read_usually

LONGEST_NAME: Final = 64  # PS3.5 6.2: a component group of a Person Name
_MOST_READINGS: Final = 24
_LONGEST_COMPOUND: Final = 3
_MASK: Final = "*"

# Delimiters of a Person Name (PS3.5 6.2.1) and of values, and letters of markup.
_FORBIDDEN_LETTERS: Final = frozenset("\\^=<>")
# Control, bidirectional override and invisible, surrogate, private use, line and paragraph ends.
_FORBIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
_NONCHARACTERS: Final = (
    range(0xFDD0, 0xFDF0),
    *(range(plane + 0xFFFE, plane + 0x10000) for plane in range(0, 0x110000, 0x10000)),
)
# Ideographs of all planes, the numeral zero, and the variation selectors that follow a letter.
_HAN_BLOCKS: Final = (
    range(0x3400, 0xA000),
    range(0xF900, 0xFB00),
    range(0x20000, 0x40000),
    range(0x3007, 0x3008),
    range(0xE0100, 0xE01F0),
)


@dataclass(frozen=True, slots=True)
class NameRules:
    """How Chinese names are split and read."""

    name: str
    version: str
    source: str
    compound_surnames: frozenset[str]
    surname_readings: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class PinyinKeys:
    """What a name may be searched by: every usual reading in full, and its initials."""

    full: tuple[str, ...]
    initials: tuple[str, ...]

    @property
    def text(self) -> str:
        """All keys in one column, each between spaces, so that ` key` finds a beginning."""
        return " " + " ".join((*self.full, *self.initials)) + " "


def parse_name_rules(mapping: Mapping[str, object]) -> NameRules:
    """The rules of config/names.toml."""
    table = RuleTable(mapping)
    table.only("name", "version", "source", "compound_surnames", "surname_readings")
    readings = table.table("surname_readings")
    return NameRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        compound_surnames=frozenset(table.texts("compound_surnames")),
        surname_readings=MappingProxyType(
            {surname: tuple(readings.text(surname).split()) for surname in readings.values}
        ),
    )


def parse_name(text: str, *, field: str = "name") -> str:
    """The name as it is kept: composed (NFC), blanks single; raises RefusedError for the field."""
    if any(_is_forbidden(letter) for letter in text):
        raise RefusedError("name-forbidden-character", field=field)
    name = unicodedata.normalize("NFC", " ".join(text.split()))
    if not name:
        raise RefusedError("field-missing", field=field)
    if len(name) > LONGEST_NAME:
        raise RefusedError("field-too-long", field=field, limit=LONGEST_NAME)
    if not any(unicodedata.category(letter)[0] in "LC" for letter in name):
        raise RefusedError("name-without-letters", field=field)
    return name


def search_keys(name: str) -> PinyinKeys:
    """The pinyin keys of a name; a letter with several readings gives several keys."""
    words = name.split()
    usual = [_plain(part) for word in words for part in read_usually(word)]
    readings = [
        [plain for plain in map(_plain, choices) if plain]
        for word in words
        for choices in read_every_way(word)
    ]
    ways = [tuple(part for part in usual if part)]
    if not ways[0]:
        return PinyinKeys((), ())
    spelt = [choices for choices in readings if choices]
    ways.extend(itertools.islice(itertools.product(*spelt), _MOST_READINGS))
    full = dict.fromkeys("".join(way) for way in ways)
    initials = dict.fromkeys("".join(part[0] for part in way) for way in ways)
    return PinyinKeys(tuple(full), tuple(initials))


def mask_name(name: str) -> str:
    """The name with everything but its ends hidden: 张*英, 张*."""
    letters = _clusters(name)
    if len(letters) <= 1:
        return _MASK
    if len(letters) == len(("family", "given")):
        return letters[0] + _MASK
    return letters[0] + _MASK * (len(letters) - 2) + letters[-1]


def split_name(name: str, *, rules: NameRules) -> tuple[str, str]:
    """Family and given name of a Han name; any other name is not guessed at and stays whole."""
    if not all(_is_han(letter) for letter in name):
        return name, ""
    letters = _clusters(name)
    for length in range(min(_LONGEST_COMPOUND, len(letters) - 1), 1, -1):
        if "".join(letters[:length]) in rules.compound_surnames:
            return "".join(letters[:length]), "".join(letters[length:])
    return letters[0], "".join(letters[1:])


def format_person_name(name: str, *, rules: NameRules) -> str:
    """The value of a Person Name: alphabetic group, then ideographic (PS3.5 6.2.1, annexes H-K)."""
    family, given = split_name(name, rules=rules)
    if not any(_is_han(letter) for letter in name):
        return name[:LONGEST_NAME]
    read = rules.surname_readings.get(family) or read_usually(family)
    surname = " ".join(word.capitalize() for word in "".join(read).replace("·", " ").split())
    forename = "".join(part.capitalize() for part in read_usually(given))
    alphabetic = "^".join(part for part in (surname, forename) if part)
    ideographic = "^".join(part for part in (family, given) if part)
    return f"{alphabetic[:LONGEST_NAME].rstrip('^ ')}={ideographic[:LONGEST_NAME]}"


def _plain(text: str) -> str:
    """Lower-case ASCII letters and digits only; an accent is dropped."""
    bare = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in bare if letter.isascii() and letter.isalnum())


def _clusters(name: str) -> list[str]:
    """The letters, each with its combining marks and variation selectors."""
    found: list[str] = []
    for letter in name:
        if found and unicodedata.category(letter).startswith("M"):
            found[-1] += letter
        else:
            found.append(letter)
    return found


def _is_han(letter: str) -> bool:
    return any(ord(letter) in block for block in _HAN_BLOCKS)


def _is_forbidden(letter: str) -> bool:
    return (
        letter in _FORBIDDEN_LETTERS
        or any(ord(letter) in block for block in _NONCHARACTERS)
        or unicodedata.category(letter) in _FORBIDDEN_CATEGORIES
    )

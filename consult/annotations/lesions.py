"""Reading config/lesions.toml."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consult.annotations.model import Lesion, Lesions
from consult.kernel.rules import RuleTable

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_SNOMED: Final = re.compile(r"[1-9][0-9]{5,17}")
_SHORT: Final = re.compile(r"[A-Z]{2,5}")
_KEY: Final = re.compile(r"(Key[A-Z]|Digit[0-9])")


def parse_lesions(document: Mapping[str, object]) -> Lesions:
    """The list of lesions; a key or a short form that stands twice, or is malformed, is refused."""
    table = RuleTable(document)
    table.only("name", "version", "source", "lesions")
    table.text("source")
    found = dict(_parse_lesion(code, each) for code, each in table.children("lesions"))
    keys = [each.key for each in found.values() if each.key]
    if len(set(keys)) != len(keys):
        raise table.wrong("lesions", "gives one key twice")
    if len({each.short for each in found.values()}) != len(found):
        raise table.wrong("lesions", "gives one short form twice")
    return Lesions(table.text("name"), table.text("version"), MappingProxyType(found))


def _parse_lesion(code: str, table: RuleTable) -> tuple[str, Lesion]:
    table.only("zh", "en", "short", "colour", "key", "snomed")
    words = RuleTable({"words": {"zh": table.text("zh"), "en": table.text("en")}}).words("words")
    lesion = Lesion(
        code=code,
        words=words,
        short=table.text("short"),
        colour=table.text("colour"),
        key=table.text_or_none("key") or "",
        snomed=table.text_or_none("snomed"),
    )
    for key, value, shape in (
        ("", code, _CODE),
        ("short", lesion.short, _SHORT),
        ("colour", lesion.colour, _COLOUR),
        ("key", lesion.key, _KEY),
        ("snomed", lesion.snomed, _SNOMED),
    ):
        if value and shape.fullmatch(value) is None:
            raise table.wrong(key, "is malformed")
    return code, lesion

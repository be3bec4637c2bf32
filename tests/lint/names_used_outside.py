"""Prints, as Python, the names that templates, tables, answers and DICOM use, for vulture."""

import re
import sys
import tomllib
from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path

from pydicom.datadict import keyword_dict

ROOT = Path(__file__).resolve().parent.parent.parent
_ATTRIBUTE = re.compile(r"\.([a-z_][a-z0-9_]*)")
_COLUMN = re.compile(r"^ +(\w+): Mapped|^class (\w+Row)\(", re.MULTILINE)
_FIELD = re.compile(r"^    ([a-z]\w*): ", re.MULTILINE)
_CODE = re.compile(r"[a-z][a-z0-9_]*")


def names_in_templates() -> Iterator[str]:
    """Every attribute that a template reads."""
    for path in (ROOT / "templates").rglob("*.html"):
        yield from _ATTRIBUTE.findall(path.read_text("utf-8"))


def names_in_benchmarks() -> Iterator[str]:
    """Every attribute of the tests' makers that a benchmark reads."""
    for path in (ROOT / "benchmarks").rglob("*.py"):
        yield from _ATTRIBUTE.findall(path.read_text("utf-8"))


def names_in_tables() -> Iterator[str]:
    """Every table and column: the database uses them."""
    for path in (ROOT / "consult").rglob("*table*.py"):
        for column, table in _COLUMN.findall(path.read_text("utf-8")):
            yield column or table


def names_in_answers() -> Iterator[str]:
    """Every field of what a machine is answered: it is read outside."""
    for folder in ("routes", "views"):
        for path in (ROOT / "server" / folder).rglob("*.py"):
            yield from _FIELD.findall(path.read_text("utf-8"))


def names_in_config() -> Iterator[str]:
    """Every code of the configuration, as the enumeration member that bears it."""
    for path in (ROOT / "config").rglob("*.toml"):
        yield from _codes(tomllib.loads(path.read_text("utf-8")))


def _codes(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _codes(key)
            yield from _codes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _codes(item)
    elif isinstance(value, str) and _CODE.fullmatch(value):
        yield value.upper()


if __name__ == "__main__":
    found = sorted(
        {
            *names_in_templates(),
            *names_in_benchmarks(),
            *names_in_tables(),
            *names_in_answers(),
            *names_in_config(),
            *keyword_dict,
        }
    )
    usable = (name for name in found if name.isidentifier() and not iskeyword(name))
    sys.stdout.write("\n".join(f"_.{name}" for name in usable) + "\n")

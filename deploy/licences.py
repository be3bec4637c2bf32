"""Which licence each run-time dependency has, and whether we may ship it.

    python -m deploy.licences > docs/licences.md

A package that says its licence as an SPDX expression is taken at its word. For one that says it
otherwise, `licences.toml` holds what a person read, and beside it the words that were read: other
words mean that somebody must read again.
"""

import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import PackageNotFoundError, distribution
from typing import Final, cast

from deploy.locks import NPM_LOCK, ROOT, RUN_TIME, read_npm, read_pins
from deploy.wheels import MACHINES

_READ: Final = ROOT / "deploy" / "licences.toml"
_NEVER: Final = re.compile(r"A?GPL.*", re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Za-z0-9.+-]+")


class LicenceUnreadError(LookupError):
    """Nobody has read the licence of this package, or it has changed since."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that we ship, and under which terms we have it."""

    kind: str
    name: str
    version: str
    licence: str


def is_allowed(expression: str) -> bool:
    """Whether one of the choices is free of GPL and AGPL; LGPL and MPL are libraries' licences."""
    return any(
        not any(_NEVER.fullmatch(word) for word in _WORD.findall(choice))
        for choice in re.split(r"\s+OR\s+", expression.strip("() "))
    )


def parts() -> list[Part]:
    """Every run-time dependency of both locks; raises LicenceUnreadError."""
    return [*_python_parts(), *_npm_parts()]


def licence_of(name: str, metadata: Message) -> str:
    """The SPDX expression of a package, its own or the one that a person read."""
    own = metadata.get("License-Expression")
    if own:
        return own
    read = _read(name)
    if read["says"] != says(metadata):
        raise LicenceUnreadError(name, says(metadata))
    return str(read["spdx"])


def _read(name: str) -> Mapping[str, str]:
    found = tomllib.loads(_READ.read_text("utf-8")).get(name)
    if found is None:
        raise LicenceUnreadError(name)
    return cast("Mapping[str, str]", found)


def says(metadata: Message) -> str:
    """What a package says without an expression: its first words, and its classifiers."""
    text = (metadata.get("License") or "").strip().splitlines()
    classifiers = [
        each.rpartition(" :: ")[2]
        for each in metadata.get_all("Classifier") or []
        if each.startswith("License ::")
    ]
    return " | ".join([*text[:1], *sorted(classifiers)])


def _python_parts() -> Iterator[Part]:
    for pin in read_pins(ROOT / RUN_TIME):
        if any(pin.is_needed(machine) for machine in MACHINES):
            yield Part("Python", pin.name, pin.version, _licence_here(pin.name))


def _licence_here(name: str) -> str:
    """What is installed speaks for itself; an older Python may need more than this one has."""
    try:
        return licence_of(name, cast("Message", distribution(name).metadata))
    except PackageNotFoundError:
        return str(_read(name)["spdx"])


def _npm_parts() -> Iterator[Part]:
    pins = {(pin.name, pin.version): pin for pin in read_npm(ROOT / NPM_LOCK) if pin.is_run_time}
    for pin in pins.values():
        licence = pin.licence or _read(pin.name)["spdx"]
        yield Part("browser", pin.name, pin.version, licence)


def page(found: list[Part]) -> str:
    """The list as Markdown."""
    rows = [f"| {part.kind} | {part.name} | {part.version} | {part.licence} |" for part in found]
    return "\n".join(
        [
            "# Licences of what is shipped",
            "",
            "Lianzhen itself: Apache-2.0. Made by `python -m deploy.licences` from the locks; a",
            "test holds it equal. None is GPL or AGPL; where a package offers several, ours is one",
            "of the others. The texts lie in the packages (`*.dist-info`), and in the bundle under",
            "`licences/`.",
            "",
            "| part | name | version | licence |",
            "|---|---|---|---|",
            *rows,
            "",
            "From Debian, not shipped in the bundle: Python (PSF), Pango and libseccomp (LGPL),",
            "HarfBuzz and fontconfig (like MIT), Noto Sans CJK (OFL-1.1).",
        ]
    )


if __name__ == "__main__":
    found = parts()
    refused = [part for part in found if not is_allowed(part.licence)]
    print(page(found))
    sys.exit(f"may not be shipped: {refused}" if refused else 0)

"""Codes in words: every status, role, reason and choice in Chinese and English (config/terms/)."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from consult.kernel.errors import Fact

_PREFIX = "term:"
_ENTRY = "entry_"


@dataclass(frozen=True, slots=True)
class Terms:
    """group → code → language → words."""

    groups: Mapping[str, Mapping[str, Mapping[str, str]]]

    def text(self, language: str, group: str, code: str) -> str:
        """The words of a code; the code itself where none are known."""
        words = self.groups.get(group, {}).get(code)
        if words is None:
            return code
        return words["en" if language == "en" else "zh"]

    def resolve(self, language: str, fact: Fact) -> str | int:
        """A fact of an error in words: `term:group.code` is looked up."""
        if isinstance(fact, str) and fact.startswith(_PREFIX):
            group, _, code = fact.removeprefix(_PREFIX).partition(".")
            return self.text(language, group, code)
        return "" if fact is None else fact

    def told_kinds(self) -> frozenset[str]:
        """The kinds of journal entry that a case's history has words for (`entry_<subject>`)."""
        return frozenset(
            f"{group.removeprefix(_ENTRY)}.{act}"
            for group, acts in self.groups.items()
            if group.startswith(_ENTRY)
            for act in acts
        )

    def choices(self, language: str, group: str) -> list[tuple[str, str]]:
        """Code and words of a whole group, in the order of the file."""
        return [(code, self.text(language, group, code)) for code in self.groups.get(group, {})]


def load_terms(folder: Path) -> Terms:
    """Every file of the folder, joined."""
    groups: dict[str, Mapping[str, Mapping[str, str]]] = {}
    for path in sorted(folder.glob("*.toml")):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        groups |= {group: codes for group, codes in document.items() if isinstance(codes, dict)}
    return Terms(groups)

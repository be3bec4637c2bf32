"""The terms of config/terms: every code of the product with its Chinese and English words."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consult.kernel.rules import MalformedRulesError, RuleTable
from consult.kernel.words import Words

_HEADING = ("name", "version", "source")


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of every code, by kind of code: `terms.words("case_status", "draft")`."""

    kinds: Mapping[str, Mapping[str, Words]]

    def words(self, kind: str, code: str) -> Words:
        """What a code is called; raises LookupError for a code without words, which is our bug."""
        return self.kinds[kind][code]

    def of_kind(self, kind: str) -> Mapping[str, Words]:
        """All codes of one kind in the order of the file."""
        return self.kinds[kind]

    def joined(self, other: "Terms") -> "Terms":
        """These terms and those of another file; one kind stands in one file only."""
        for kind in other.kinds:
            if kind in self.kinds:
                raise MalformedRulesError(kind, "stands in two files")
        return Terms(MappingProxyType({**self.kinds, **other.kinds}))


def parse_terms(mapping: Mapping[str, object]) -> Terms:
    """The terms of one file: a heading, then one table for each kind of code."""
    table = RuleTable(mapping)
    for key in _HEADING:
        table.text(key)
    kinds: dict[str, Mapping[str, Words]] = {}
    for kind in mapping:
        if kind not in _HEADING:
            below = table.table(kind)
            kinds[kind] = MappingProxyType({code: below.words(code) for code in below.values})
    return Terms(MappingProxyType(kinds))

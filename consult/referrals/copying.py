"""Which fields of a request are copied for the hospital's own system, and in which order (U22)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from consult.kernel.rules import RuleTable


class CopyField(enum.StrEnum):
    """One field that the office may copy."""

    NAME = "name"
    SEX = "sex"
    BIRTH_ON = "birth_on"
    DOCUMENT_KIND = "document_kind"
    DOCUMENT_NUMBER = "document_number"
    PHONE = "phone"
    ADDRESS = "address"
    INSTITUTION = "institution"
    INSTITUTION_PHONE = "institution_phone"
    PHYSICIAN = "physician"
    CLINIC = "clinic"
    URGENCY = "urgency"
    DUE_ON = "due_on"
    REASON = "reason"
    NUMBER = "number"
    APPOINTMENT_NUMBER = "appointment_number"


class Between(enum.StrEnum):
    """What stands between two fields: a tabulator, or the end of a line."""

    TAB = "tab"
    LINE = "line"


_SIGNS: Final[Mapping[Between, str]] = MappingProxyType({Between.TAB: "\t", Between.LINE: "\n"})


@dataclass(frozen=True, slots=True)
class CopyRules:
    """The fields in their order, and what stands between two of them."""

    fields: tuple[CopyField, ...]
    between: str


def parse_copying(table: RuleTable) -> CopyRules:
    """The table `his_copy` of config/referrals.toml."""
    table.only("fields", "between")
    return CopyRules(
        fields=table.codes("fields", CopyField),
        between=_SIGNS[table.code("between", Between)],
    )

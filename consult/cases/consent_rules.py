"""What a consent form asks: ticks, signers, ways of signing, their conditions (U17)."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consult.kernel.rules import RuleTable
from consult.kernel.words import Words


class ConsentItem(enum.StrEnum):
    """The separate ticks ① to ④."""

    TELEMEDICINE = "telemedicine"
    DATA_SHARING = "data_sharing"
    RECORDING = "recording"
    TEACHING = "teaching"


class Signer(enum.StrEnum):
    """Who signs."""

    SELF = "self"
    GUARDIAN = "guardian"
    RELATIVE = "relative"
    AGENT = "agent"


class SigningMethod(enum.StrEnum):
    """How it is signed."""

    PAPER = "paper"
    SCREEN = "screen"
    FINGERPRINT = "fingerprint"


class ConsentScope(enum.StrEnum):
    """For one case, or for a screening programme of at most a year."""

    SINGLE = "single"
    PROGRAMME = "programme"


class ConsentNeed(enum.StrEnum):
    """What must stand beside a signature; each is a field of `Consent`."""

    RELATION = "relation"
    SIGNER_NAME = "signer_name"
    SIGNER_DOCUMENT = "signer_document"
    POWER_OF_ATTORNEY = "power_of_attorney"
    WITNESS_NAME = "witness_name"


@dataclass(frozen=True, slots=True)
class ItemRule:
    """One tick: its text, and whether a case may not be submitted without it."""

    text: Words
    blocks: bool


@dataclass(frozen=True, slots=True)
class SignatureRule:
    """What a signer or a way of signing needs."""

    words: Words
    needs: tuple[ConsentNeed, ...]
    reason_for_adult: bool


@dataclass(frozen=True, slots=True)
class ConsentRules:
    """The texts and conditions of consent."""

    name: str
    version: str
    source: str
    adult_age: int
    programme_months: int
    items: Mapping[ConsentItem, ItemRule]
    signers: Mapping[Signer, SignatureRule]
    methods: Mapping[SigningMethod, SignatureRule]


def parse_consent_rules(mapping: Mapping[str, object]) -> ConsentRules:
    """The rules of config/consent.toml; every item, signer and way of signing must be there."""
    table = RuleTable(mapping)
    table.only(
        "name", "version", "source", "adult_age", "programme_months", "item", "signer", "method"
    )
    items, signers, methods = table.table("item"), table.table("signer"), table.table("method")
    for below, codes in ((items, ConsentItem), (signers, Signer), (methods, SigningMethod)):
        below.only(*codes)
    return ConsentRules(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        adult_age=table.whole("adult_age", lowest=1),
        programme_months=table.whole("programme_months", lowest=1),
        items=MappingProxyType({code: _parse_item(items.table(code)) for code in ConsentItem}),
        signers=MappingProxyType({code: _parse_signature(signers.table(code)) for code in Signer}),
        methods=MappingProxyType(
            {code: _parse_signature(methods.table(code)) for code in SigningMethod}
        ),
    )


def _parse_item(table: RuleTable) -> ItemRule:
    table.only("text", "blocks")
    return ItemRule(text=table.words("text"), blocks=table.flag("blocks"))


def _parse_signature(table: RuleTable) -> SignatureRule:
    table.only("words", "needs", "reason_for_adult")
    return SignatureRule(
        words=table.words("words"),
        needs=table.codes("needs", ConsentNeed),
        reason_for_adult=table.flag_or_false("reason_for_adult"),
    )

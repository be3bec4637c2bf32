"""No browser of a shared PC keeps who was typed in: identity fields have no autocomplete (U28)."""

import re
from pathlib import Path

import pytest

from tests.makers.words import ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
IDENTITY = {
    *("document_number", "birth_on", "phone", "address", "guardian_name", "guardian_phone"),
    *("signer_name", "signer_document", "witness_name", "q"),
}
_BY_PART = re.compile(r'ui\.(?:input|area)\("(\w+)"(.*)')
_BY_HAND = re.compile(r"<(?:input|textarea)\b([^>]*)>")
_NAME = re.compile(r'\bname="([^"]*)"')


def keeps(text: str) -> list[str]:
    """The identity fields of a template that a browser may remember."""
    kept = [
        name
        for name, rest in _BY_PART.findall(text)
        if name in IDENTITY and re.search(r'"autocomplete": "(?!off")', rest)
    ]
    for attributes in _BY_HAND.findall(text):
        named = _NAME.search(attributes)
        if named and named[1] in IDENTITY and 'autocomplete="off"' not in attributes:
            kept.append(named[1])
    return kept


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_identity_field_is_remembered(path: Path) -> None:
    assert keeps(path.read_text("utf-8")) == []


def test_the_part_of_a_field_switches_it_off() -> None:
    part = (ROOT / "templates" / "_parts" / "fields.html").read_text("utf-8")
    assert 'dict({"autocomplete": "off"}, **attrs)|xmlattr' in part


def test_the_fields_are_there_and_a_careless_one_would_be_seen() -> None:
    everything = "".join(path.read_text("utf-8") for path in TEMPLATES)
    there = {name for name, _rest in _BY_PART.findall(everything)}
    assert {"document_number", "phone", "signer_document"} <= there
    assert keeps('<input class="input" name="phone" type="tel">') == ["phone"]
    assert keeps('ui.input("address", x, attrs={"autocomplete": "street-address"})') == ["address"]

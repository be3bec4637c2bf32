"""What docs/conformance.md says of the network is what the code goes by."""

from pathlib import Path

from server.dimse.conformance import BEGINS, ENDS, format_network

ROOT = Path(__file__).resolve().parents[2]


def test_the_statement_says_what_the_tables_say() -> None:
    text = (ROOT / "docs" / "conformance.md").read_text("utf-8")
    section = text[text.index(BEGINS) : text.index(ENDS) + len(ENDS)]
    assert section == format_network(ROOT / "config")

"""The bar code of a record number, as a clinic's scanner reads it."""

import re

import pytest

from server.pdf.bars import make_bars

# ISO/IEC 16388, table 1: bars and spaces in turn, 1 is wide.
PRINTED = {
    "*": "010010100",
    "P": "001010010",
    "-": "010000101",
    "0": "000110100",
    "1": "100100001",
    "7": "000100101",
}


def widths_of(path: str) -> list[tuple[int, int]]:
    """Where each bar begins, and how wide it is."""
    return [(int(at), int(wide)) for at, wide in re.findall(r"M([0-9]+) 0h([0-9])", path)]


def test_a_record_number_stands_between_frames_with_its_bars_and_spaces() -> None:
    bars = make_bars("P-0017")
    found = widths_of(bars.path)
    elements = ""
    for (at, wide), (following, _) in zip(found, [*found[1:], (0, 0)], strict=True):
        elements += "1" if wide == 3 else "0"
        elements += "1" if following - at - wide == 3 else "0"
    letters = [elements[at : at + 9] for at in range(0, len(elements), 10)]
    assert letters == [PRINTED[letter] for letter in "*P-0017*"]


def test_the_quiet_zones_are_ten_narrow_bars_wide() -> None:
    bars = make_bars("P-000001")
    found = widths_of(bars.path)
    assert found[0][0] == 10
    assert bars.width - sum(found[-1]) == 10


@pytest.mark.parametrize("text", ["p-1", "张", "*"])
def test_what_the_code_cannot_say_is_no_code(text: str) -> None:
    with pytest.raises(ValueError, match=r"frame|letter"):
        make_bars(text)

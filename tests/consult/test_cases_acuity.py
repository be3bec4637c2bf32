"""Visual acuity in both notations."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.cases.acuity import (
    Acuity,
    AcuityNotation,
    LowVision,
    as_decimal,
    as_five_mark,
    parse_acuity,
)
from consult.kernel.errors import RefusedError

# GB/T 11533: the printed lines of the standard chart.
CHART = [
    ("4.0", "0.1"), ("4.1", "0.12"), ("4.2", "0.15"), ("4.3", "0.2"), ("4.4", "0.25"),
    ("4.5", "0.3"), ("4.6", "0.4"), ("4.7", "0.5"), ("4.8", "0.6"), ("4.9", "0.8"),
    ("5.0", "1.0"), ("5.1", "1.2"), ("5.2", "1.5"), ("5.3", "2.0"),
]  # fmt: skip


@pytest.mark.parametrize(("five", "decimal"), CHART)
def test_a_line_of_the_chart_converts_both_ways(five: str, decimal: str) -> None:
    by_mark = parse_acuity("five_mark", five)
    by_decimal = parse_acuity("decimal", decimal)
    assert as_decimal(by_mark) == Decimal(decimal)
    assert as_five_mark(by_decimal) == Decimal(five)
    assert by_mark == Acuity(AcuityNotation.FIVE_MARK, five)


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        ("five_mark", "3.0"), ("five_mark", "3.9"), ("five_mark", "5.4"), ("five_mark", "0.8"),
        ("five_mark", "4.85"), ("five_mark", ""), ("five_mark", "five"), ("decimal", "4.9"),
        ("decimal", "0.09"), ("decimal", "2.1"), ("decimal", "-1"), ("decimal", "1e0"),
        ("decimal", "٠.٨"), ("decimal", "0.123"), ("low_vision", "0.1"), ("low_vision", ""),
        ("snellen", "6/6"),
    ],
)  # fmt: skip
def test_what_is_on_no_chart_is_refused_by_field(notation: str, text: str) -> None:
    with pytest.raises(RefusedError) as refusal:
        parse_acuity(notation, text, field="va_right")
    assert refusal.value.problems[0].field == "va_right"


@pytest.mark.parametrize("left", LowVision)
def test_what_is_left_below_the_chart_is_kept_and_not_converted(left: LowVision) -> None:
    acuity = parse_acuity("low_vision", left.value.lower())
    assert acuity.as_json() == {"notation": "low_vision", "value": left.value}
    assert as_five_mark(acuity) is None
    assert as_decimal(acuity) is None


def test_full_width_digits_are_read() -> None:
    assert parse_acuity("five_mark", "４．９") == Acuity(AcuityNotation.FIVE_MARK, "4.9")


@given(hundredths=st.integers(10, 200))
def test_the_five_mark_follows_the_formula_and_never_falls(hundredths: int) -> None:
    value = Decimal(hundredths) / 100
    mark = as_five_mark(parse_acuity("decimal", f"{value}"))
    assert mark is not None
    assert abs(mark - (5 + value.log10())) <= Decimal("0.05")
    better = as_five_mark(parse_acuity("decimal", f"{min(value + Decimal('0.01'), Decimal(2))}"))
    assert better is not None
    assert better >= mark

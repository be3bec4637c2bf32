"""One content, one byte sequence."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consult.kernel.errors import ConsultError
from consult.reports.canonical import NotCanonicalError, canonical_json
from consult.reports.model import Dme

WHOLE = st.integers(-(2**53) + 1, 2**53 - 1)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | WHOLE | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT, inner, max_size=4).filter(
            lambda found: len({unicodedata.normalize("NFC", key) for key in found}) == len(found)
        )
    ),
    max_leaves=12,
)


def test_the_bytes_are_these() -> None:
    content = {"b": [1, True, None], "a": "e\u0301\u4e2d", "c": {"z": "", "dme": Dme.NONE}}
    expected = '{"a":"é中","b":[1,true,null],"c":{"dme":"none","z":""}}'
    assert canonical_json(content) == expected.encode()


@given(content=st.dictionaries(TEXT, VALUES, max_size=4))
def test_order_and_composition_do_not_matter_and_reading_gives_the_same_bytes(
    content: dict[str, object],
) -> None:
    try:
        data = canonical_json(content)
    except NotCanonicalError:
        assert len({unicodedata.normalize("NFC", key) for key in content}) < len(content)
        return
    assert canonical_json(dict(reversed(content.items()))) == data
    assert canonical_json(json.loads(data)) == data
    decomposed = {unicodedata.normalize("NFD", key): value for key, value in content.items()}
    assert canonical_json(decomposed) == data


@pytest.mark.parametrize(
    "value", [1.5, float("nan"), 2**53, b"x", "\ud800", {1: 2}, {"é": 1, "e\u0301": 2}, {"x"}]
)
def test_what_has_no_single_form_is_refused_by_place(value: object) -> None:
    with pytest.raises(NotCanonicalError) as refusal:
        canonical_json({"right": {"findings": value}})
    assert refusal.value.key.startswith("right.findings")
    assert isinstance(refusal.value, ConsultError)


@given(one=st.dictionaries(TEXT, VALUES, max_size=3), two=st.dictionaries(TEXT, VALUES, max_size=3))
def test_equal_bytes_mean_equal_content(one: dict[str, object], two: dict[str, object]) -> None:
    try:
        same = canonical_json(one) == canonical_json(two)
    except NotCanonicalError:
        return
    if same:
        assert json.loads(canonical_json(one)) == json.loads(canonical_json(two))

"""Words that are no numbers, by the thousand, under a name that never ends."""

import tracemalloc
from collections.abc import Sequence

import pytest

from consult.kernel.errors import FormRefusedError
from server.forms import Body, parse_json


class _Anything(Body):
    """A body with one field."""

    values: Sequence[object] = ()


def _refused(data: bytes) -> list[str]:
    with pytest.raises(FormRefusedError) as refused:
        parse_json(data, _Anything)
    return [each.field for each in refused.value.problems]


def test_each_is_named_by_its_place() -> None:
    assert _refused(b'{"values": [1, NaN, {"a": Infinity}]}') == ["values.1", "values.2.a"]


def test_a_small_body_takes_little_room_however_many_there_are() -> None:
    body = b'{"' + b"k" * 20_000 + b'": [' + b",".join([b"NaN"] * 2_000) + b"]}"
    tracemalloc.start()
    try:
        names = _refused(body)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert set(names) == {"k" * 100}
    assert len(names) <= 20
    assert most < 2 * 1024 * 1024

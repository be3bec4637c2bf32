"""Lists among the values of a question: in few lengths, each value under a name of its own."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import BindParameter, bindparam

_MOST_NAMED: Final = 256


def batched(values: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many at a time as one question names."""
    for start in range(0, len(values), _MOST_NAMED):
        yield values[start : start + _MOST_NAMED]


def padded(values: Sequence[str]) -> Sequence[str]:
    """The same values, the last of them again and again, up to a power of two.

    A question with a list among its values is another one for each length: so there are few.
    """
    wanted = 1 << (len(values) - 1).bit_length()
    return [*values, *[values[-1]] * (wanted - len(values))]


def named(word: str, values: Sequence[Any]) -> dict[str, Any]:
    """Each value under the word and its place."""
    return {f"{word}{place}": value for place, value in enumerate(values)}


def parameters(word: str, how_many: int) -> list[BindParameter[Any]]:
    """What `named` gives values to."""
    return [bindparam(f"{word}{place}") for place in range(how_many)]

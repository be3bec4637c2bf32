"""What ends a submission in advance, and what it goes on waiting for (U11)."""

import pytest

from consult.cases.advance.model import why_ended
from consult.kernel.errors import FieldProblem


def lacking(*codes: str) -> list[FieldProblem]:
    """A draft with these problems."""
    return [FieldProblem("images", code) for code in codes]


@pytest.mark.parametrize(
    ("codes", "unplaced"),
    [
        (["eyes-unconfirmed"], 0),
        (["eyes-unconfirmed", "image-missing"], 1),
        (["eyes-unconfirmed", "image-missing", "image-missing"], 2),
    ],
)
def test_what_a_confirmation_can_still_fill_is_waited_for(codes: list[str], unplaced: int) -> None:
    assert why_ended(lacking(*codes), unplaced=unplaced) is None


@pytest.mark.parametrize(
    ("codes", "unplaced", "why"),
    [
        (["image-missing"], 0, "files-missing"),
        (["eyes-unconfirmed", "image-missing", "image-missing"], 1, "files-missing"),
        (["images-none"], 0, "files-missing"),
        (["eyes-unconfirmed", "image-questions-open"], 1, "image-questions-open"),
        (["consent-missing", "eyes-unconfirmed"], 0, "consent-missing"),
        (["uploads-asked", "image-missing"], 4, "uploads-asked"),
    ],
)
def test_what_no_file_and_no_confirmation_brings_ends_it(
    codes: list[str], unplaced: int, why: str
) -> None:
    assert why_ended(lacking(*codes), unplaced=unplaced) == why

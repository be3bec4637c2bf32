"""What a status of an archive means for an object: it is there, never will be, or may be later."""

import pytest

from consult.reports.dispatches.model import ObjectState
from server.dispatching.judging import judge

SENT, WAITING, REFUSED = ObjectState.SENT, ObjectState.WAITING, ObjectState.REFUSED


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        (0x0000, SENT, ""),
        (0xB000, SENT, "warning:B000"),
        (0xB007, SENT, "warning:B007"),
        (0x0111, SENT, "duplicate:0111"),
        (0xA700, WAITING, "no-room:A700"),
        (0xA7FF, WAITING, "no-room:A7FF"),
        (0x0110, WAITING, "processing:0110"),
        (0x0124, WAITING, "not-authorised:0124"),
        (0xA900, REFUSED, "mismatch:A900"),
        (0xC000, REFUSED, "not-understood:C000"),
        (0xCFFF, REFUSED, "not-understood:CFFF"),
        (0x0122, REFUSED, "class-refused:0122"),
        (0x0117, REFUSED, "uid-refused:0117"),
        (0x0106, REFUSED, "refused:0106"),
        (0xFE00, REFUSED, "refused:FE00"),
        (None, REFUSED, "class-refused"),
    ],
)
def test_a_status_means_the_same_by_both_ways(
    status: int | None, state: ObjectState, code: str
) -> None:
    judged = judge(status)
    assert (judged.state, judged.code) == (state, code)

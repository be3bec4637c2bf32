"""When a frame was made, by one clock, whatever its sender says."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.recording.clocks import SenderClock, TrackClock
from server.media.recording.frames import Unwrapped


def test_times_of_32_bits_go_on_over_their_end() -> None:
    times = Unwrapped()
    whole = [times.follow(stamp) for stamp in (0xFFFFFFF0, 0x10, 0xFFFFFFFF, 0x20)]
    assert [each - whole[0] for each in whole] == [0, 0x20, 0xF, 0x30]
    assert times.near(0x20) == whole[-1]


def ntp(seconds: float) -> int:
    return int(seconds * (1 << 32))


def test_the_least_delayed_report_counts_and_a_clock_that_drifts_is_followed() -> None:
    sender = SenderClock()
    clock = TrackClock(sender, 48_000)
    assert clock.at_s(0, 10.2) == 10.2, "without a report by its coming"
    clock.report(ntp(5_000.0), 0)
    sender.heed(ntp(5_000.0), 10.15)
    assert clock.settle() == pytest.approx(-0.05)
    assert clock.settle() == 0.0, "it has been moved"
    sender.heed(ntp(5_001.0), 11.0)  # this one was not delayed
    at_s = [clock.at_s(n * 960, 10.2 + n * 0.02) for n in range(1, 200)]
    assert at_s[-1] == pytest.approx(10.0 + 199 * 0.02, abs=1e-6)
    steps = [after - before for before, after in pairwise(at_s)]
    assert min(steps) >= 0.018 - 1e-9, "gradually"
    for minute in range(1, 60):  # its sound card is 200 millionths slow
        stamp = int(minute * 60 * 48_000 * 0.9998)
        clock.report(ntp(5_000.0 + minute * 60), stamp)
        sender.heed(ntp(5_000.0 + minute * 60), 10.0 + minute * 60)
        found_s = clock.at_s(stamp, 10.1 + minute * 60)
        assert found_s == pytest.approx(10.0 + minute * 60, abs=0.06)


def test_a_first_report_that_was_held_up_itself_is_corrected_at_once_by_the_next() -> None:
    sender = SenderClock()
    clock = TrackClock(sender, 48_000)
    clock.report(ntp(5_000.0), 0)
    sender.heed(ntp(5_000.0), 10.2)  # 200 ms late
    first_s = clock.at_s(0, 10.2)
    clock.report(ntp(5_000.2), 9_600)
    sender.heed(ntp(5_000.2), 10.2)
    moved_s = clock.settle()
    assert first_s + moved_s == pytest.approx(10.0)
    assert clock.at_s(9_600, 10.2) == pytest.approx(10.2)


def test_after_the_first_seconds_a_report_moves_nothing_that_is_written() -> None:
    sender = SenderClock()
    clock = TrackClock(sender, 48_000)
    clock.report(ntp(5_000.0), 0)
    sender.heed(ntp(5_000.0), 10.2)
    for second in range(7):
        clock.at_s(second * 48_000, 10.2 + second)
    sender.heed(ntp(5_006.0), 16.0)
    assert clock.settle() == 0.0
    assert clock.at_s(7 * 48_000, 17.2) == pytest.approx(17.1), "a tenth of the second that passed"


@given(
    st.lists(
        st.tuples(
            st.integers(0, (1 << 32) - 1), st.integers(0, (1 << 64) - 1), st.floats(0.0, 0.2)
        ),
        min_size=1,
        max_size=60,
    )
)
def test_whatever_a_sender_says_of_time_a_frame_was_made_about_when_it_came(
    said: list[tuple[int, int, float]],
) -> None:
    sender, times = SenderClock(), Unwrapped()
    clock, came_s = TrackClock(sender, 90_000), 1000.0
    for stamp, told, later_s in said:
        came_s += later_s
        sender.heed(told, came_s)
        whole = times.follow(stamp)
        clock.report(told, times.near((stamp * 7) & 0xFFFFFFFF))
        clock.settle()
        assert came_s - 3.0 <= clock.at_s(whole, came_s) <= came_s + 0.25


def test_a_report_that_says_nonsense_is_not_believed() -> None:
    sender = SenderClock()
    clock = TrackClock(sender, 90_000)
    clock.at_s(0, 10.0)
    sender.heed(ntp(7.0), 10.0)
    clock.report(ntp(7_000.0), 0)
    assert clock.settle() == 0.0
    assert clock.at_s(90_000, 11.0) == 11.0

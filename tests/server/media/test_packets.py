"""What is counted of packets: gaps, wishes for what is missing, arrival times, rates, numbers."""

import struct
from dataclasses import dataclass

import pytest

from server.media.arrivals import Arrival, Arrivals
from server.media.descriptions import advertise, ask_for_sound, without_estimates, without_times
from server.media.feedback import ArrivalTimes
from server.media.limits import load_media_rules
from server.media.rate import Allowance, Downlink
from server.media.sources import Sources
from tests.makers.house import ROOT


def test_numbers_are_counted_over_their_wrap() -> None:
    arrivals = Arrivals()
    for seq in (65533, 65534, 65535, 0, 1, 2):
        assert arrivals.note(seq, 0.0) is Arrival.NEXT
    assert (arrivals.sent, arrivals.received, arrivals.highest) == (6, 6, 65536 + 2)


def test_a_gap_is_asked_for_at_once_then_later_and_later_and_given_up() -> None:
    arrivals = Arrivals()
    arrivals.note(10, 0.0)
    assert arrivals.note(13, 1.0) is Arrival.GAP
    asked = []
    now_s = 1.0
    while True:
        ask, wait_s, gave_up = arrivals.due(now_s)
        if ask:
            assert ask == [11, 12]
            asked.append(round(now_s - 1.0, 2))
        if wait_s is None:
            break
        now_s += wait_s
    assert gave_up
    assert asked == [0.0, 0.08, 0.24, 0.56]
    assert arrivals.missing == 0


def test_what_comes_late_is_passed_on_once_and_not_asked_for_again() -> None:
    arrivals = Arrivals()
    for seq in (10, 12):
        arrivals.note(seq, 0.0)
    assert arrivals.note(11, 0.01) is Arrival.LATE
    assert arrivals.note(11, 0.02) is Arrival.OLD
    assert arrivals.note(9, 0.02) is Arrival.OLD
    assert arrivals.due(0.1) == ([], None, False)


@pytest.mark.parametrize("seq", [1000, 10 + 129 + 1])
def test_a_jump_is_another_beginning(seq: int) -> None:
    arrivals = Arrivals()
    arrivals.note(10, 0.0)
    assert arrivals.note(seq, 0.0) is Arrival.JUMP


def test_no_more_is_waited_for_than_is_bounded() -> None:
    arrivals, missing = Arrivals(), []
    for seq in range(100, 2000, 100):
        if arrivals.note(seq, 0.0) is Arrival.JUMP:
            arrivals.begin_anew()
        missing.append(arrivals.missing)
    assert 99 < max(missing) <= 256


def read_times(raw: bytes) -> tuple[int, dict[int, float]]:
    """By the draft: the first number, and milliseconds of those that came."""
    first, kind, words, _ssrc, _media, base, count, reference = struct.unpack_from("!BBHIIHHI", raw)
    assert (first, kind, len(raw)) == (0x8F, 205, 4 * (words + 1))
    symbols: list[int] = []
    place = 20
    while len(symbols) < count:
        (word,) = struct.unpack_from("!H", raw, place)
        assert word >> 14 == 3
        symbols += [(word >> (12 - 2 * each)) & 3 for each in range(7)]
        place += 2
    at_ms, came = (reference >> 8) * 64.0, {}
    for number, symbol in enumerate(symbols[:count]):
        if symbol == 1:
            at_ms, place = at_ms + raw[place] / 4, place + 1
        elif symbol == 2:
            at_ms, place = at_ms + struct.unpack_from("!h", raw, place)[0] / 4, place + 2
        if symbol:
            came[(base + number) & 0xFFFF] = at_ms
    return base, came


def test_arrival_times_are_told_as_the_draft_says() -> None:
    times = ArrivalTimes()
    sent = {65534: 1_000_000, 65535: 1_002_000, 1: 1_180_000, 2: 1_150_000}
    for number, at_us in sent.items():
        times.note(number, at_us)
    base, came = read_times(times.tell(ssrc=1, media_ssrc=2) or b"")
    assert base == 65534
    assert came == {number: at_us / 1000 for number, at_us in sent.items()}
    assert times.tell(ssrc=1, media_ssrc=2) is None
    times.note(5, 1_200_000)
    base, came = read_times(times.tell(ssrc=1, media_ssrc=2) or b"")
    assert base == 3, "the numbers between the two are told as lost"
    assert set(came) == {5}


def test_arrival_times_are_bounded() -> None:
    times = ArrivalTimes()
    for number in range(0, 60_000, 7):
        times.note(number, number * 250)
    assert len(times.tell(ssrc=1, media_ssrc=2) or b"") < 1400


def test_a_lossy_line_is_sent_less_down_to_the_floor_and_more_again() -> None:
    line = Downlink(2_000_000, 200_000)
    assert line.heed(lost_of_256=0, sent_bps=1_500_000) == 2_000_000
    first = line.heed(lost_of_256=64, sent_bps=1_500_000)
    assert first == int(1_500_000 * 0.875)
    for _ in range(50):
        low = line.heed(lost_of_256=255, sent_bps=10_000)
    assert low == 200_000
    for _ in range(50):
        high = line.heed(lost_of_256=0, sent_bps=low)
    assert high == 2_000_000


def test_a_line_drowns_where_two_fifths_of_the_least_are_lost_in_each_report() -> None:
    line = Downlink(2_000_000, 200_000)
    line.heed(lost_of_256=255, sent_bps=1_500_000)
    assert line.drowned == 0, "less may be sent"
    for reports in (1, 2, 3):
        line.heed(lost_of_256=102, sent_bps=150_000)
        assert line.drowned == reports
    line.heed(lost_of_256=101, sent_bps=150_000)
    assert line.drowned == 0


def test_an_allowance_comes_back_with_time() -> None:
    allowance = Allowance(3, 1)
    assert [allowance.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert allowance.take(101.5)
    assert not allowance.take(101.6)


def test_ceilings_fall_with_the_number_of_people() -> None:
    rules, _ = load_media_rules(ROOT / "config")
    ceilings = [rules.ceilings.of(people) for people in (1, 2, 3, 4, 5, 6)]
    assert ceilings == sorted(ceilings, reverse=True)
    assert ceilings[-1] > rules.ceilings.floor


@dataclass
class Address:
    """Where the peer is."""

    host: str = "192.0.2.1"
    port: int = 5000


class Known:
    """What ICE has agreed on, as far as the filter asks."""

    remote_candidates = (Address(),)
    local_username = "abcd"


def test_datagrams_are_taken_from_the_peer_and_checks_that_know_our_name() -> None:
    sources = Sources(Known())
    assert sources.admit(b"\x80rtp", ("192.0.2.1", 5000), 0.0)
    assert not sources.admit(b"\x80rtp", ("192.0.2.2", 5000), 0.1)
    assert not sources.admit(b"\x16dtls", ("192.0.2.1", 5001), 0.2)
    assert sources.admit(b"\x00\x01 abcd:wxyz", ("192.0.2.9", 1), 0.3)
    assert not sources.admit(b"\x00\x01 abce:wxyz", ("192.0.2.9", 1), 0.4)
    assert sources.strangers == 3


def test_our_descriptions_say_what_we_mean() -> None:
    text = "c=IN IP4 10.0.0.5\r\na=candidate:1 1 udp 1 10.0.0.5 42000 typ host\r\n"
    told = advertise(text, private="10.0.0.5", public="192.0.2.1")
    assert "10.0.0.5" not in told
    assert told.count("192.0.2.1") == 2
    assert advertise(text, private="10.0.0.5", public="") == text
    assert "a=rtcp-fb:111 nack\r\n" in ask_for_sound("a=rtpmap:111 opus/48000/2\r\n")
    asked = "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time\r\n"
    assert without_estimates(f"{asked}a=rtcp-fb:96 goog-remb\r\na=mid:0\r\n") == "a=mid:0\r\n"
    assert without_times("a=rtcp-fb:96 transport-cc\r\na=mid:0\r\n") == "a=mid:0\r\n"

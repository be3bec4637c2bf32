"""What strangers send becomes whole frames, in their order, or nothing."""

import struct
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media.recording.frames import Frame, Pictures
from server.media.recording.h264 import H264, read_size
from server.media.recording.opus import Sound, sounding_ticks
from server.media.recording.reordering import Reordering
from server.media.recording.vp8 import Vp8
from tests.makers import clips

MAKERS = {"vp8": lambda: Pictures(Vp8()), "h264": lambda: Pictures(H264()), "opus": Sound}
VP8_KEY = b"\x10\x00\x00\x9d\x01\x2a" + struct.pack("<HH", 320, 240)


def depacketised(codec: str, packets: list[tuple[int, int, bytes]]) -> list[Frame]:
    taker = MAKERS[codec]()
    made = (taker.add(*packet) for packet in packets)
    return [frame for frame in made if frame is not None]


def packets_of(codec: str, most: int) -> tuple[list[tuple[int, int, bytes]], list[bytes]]:
    """A second of real pictures in packets, and each picture as it should come out."""
    packets, frames = [], []
    for number, piece in enumerate(clips.pictures(1, codec=codec)):
        payloads = clips.in_packets(piece.data, codec, most)
        for place, payload in enumerate(payloads):
            packets.append((0x80 * (place == len(payloads) - 1), number * 3600, payload))
        frames.append(
            piece.data if codec == "vp8" else b"".join(map(sized, clips.units_of(piece.data)))
        )
    return packets, frames


def sized(unit: bytes) -> bytes:
    return struct.pack(">I", len(unit)) + unit


@pytest.mark.server  # the pictures are made by ffmpeg
@pytest.mark.parametrize("codec", ["vp8", "h264"])
@pytest.mark.parametrize("most", [60, 300, 1100])
def test_pictures_come_out_as_they_went_in(codec: str, most: int) -> None:
    packets, wanted = packets_of(codec, most)
    found = depacketised(codec, packets)
    assert [frame.data for frame in found] == wanted
    assert found[0].is_key
    assert found[0].size == (320, 240)
    assert not any(frame.is_key for frame in found[1:])


@pytest.mark.server  # the pictures are made by ffmpeg
def test_a_whole_picture_of_h264_may_rely_on_parameter_sets_that_came_before() -> None:
    (_, _, sets), first, *_ = packets_of("h264", 1 << 16)[0]
    assert sets[0] & 0x1F == 24, "several units in one packet"
    alone = depacketised("h264", [first])
    assert not alone, "nothing without them"
    whole = depacketised("h264", [(0, 0, sets), first, (0x80, 90_000, first[2])])
    assert [frame.is_key for frame in whole] == [True, True]
    middle = first[2][:1] + bytes([first[2][1] & 0x7F]) + first[2][2:]
    cut = depacketised("h264", [(0, 0, sets), first, (0x80, 90_000, middle)])
    assert [frame.is_key for frame in cut] == [True, False], "its beginning is missing"


@pytest.mark.parametrize(
    ("more", "is_read"),
    [
        (b"", True),
        (b"\x80\x05", True),
        (b"\x80\x85\x07", True),
        (b"\xf0\x85\x07\x01\x20", True),
        (b"\x80", False),
        (b"\x80\x85", False),
    ],
)
def test_every_descriptor_of_vp8_is_read(more: bytes, is_read: bool) -> None:  # noqa: FBT001 - a table
    head = bytes([0x90, *more]) if more else b"\x10"
    body = VP8_KEY[1:] + b"picture"
    found = Vp8().read(head + body if is_read else head)
    assert found == ((True, body) if is_read else None)


@pytest.mark.parametrize(
    ("payload", "ticks"),
    [
        (b"", 0),
        (b"\x00x", 480),
        (b"\x18x", 2880),
        (b"\x78x", 960),
        (b"\xf8x", 960),
        (b"\xf9x", 1920),
        (b"\xe0x", 120),
        (b"\xfb\x03", 2880),
        (b"\xfb", 0),
        (b"\x1b\x3f", 0),
    ],
)
def test_how_long_a_packet_of_sound_is(payload: bytes, ticks: int) -> None:
    assert sounding_ticks(payload) == ticks


@pytest.mark.server  # the pictures are made by ffmpeg
@pytest.mark.parametrize("codec", ["vp8", "h264"])
@settings(deadline=None)
@given(data=st.data())
def test_after_a_loss_nothing_comes_before_a_whole_picture(codec: str, data: st.DataObject) -> None:
    packets, wanted = packets_of(codec, 300)
    lost = data.draw(st.sets(st.integers(0, len(packets) - 1), min_size=1, max_size=5))
    order = Reordering(patience_s=0.5, most=1000)
    taker, found = MAKERS[codec](), []
    for number, (marker, stamp, payload) in enumerate(packets):
        if number not in lost:
            order.add(((number + 65_500) & 0xFFFF, marker, stamp, payload), 0.0)
    for came in order.drain():
        if came is None:
            taker.lose()
        elif (frame := taker.add(came[0][1], came[0][2], came[0][3])) is not None:
            found.append(frame)
    assert order.lost <= len(lost)
    first_lost = packets[min(lost)][1] // 3600
    assert [frame.data for frame in found] == (wanted[:first_lost] if min(lost) else [])


@pytest.mark.parametrize("codec", ["vp8", "h264", "opus"])
@settings(deadline=None, max_examples=300)
@given(
    packets=st.lists(
        st.tuples(
            st.sampled_from([0, 0x80]),
            st.integers(0, 3).map(lambda n: n * 3600),
            st.one_of(
                st.binary(max_size=40),
                st.binary(max_size=20).map(lambda end: VP8_KEY + end),
                st.binary(max_size=20).map(lambda end: b"\x7c\x85" + end),
                st.binary(max_size=20).map(lambda end: b"\x78\x00\x04\x67\x42\x00\x1f" + end),
            ),
        ),
        max_size=30,
    )
)
def test_whatever_is_sent_ends_in_frames_or_in_nothing(
    codec: str, packets: list[tuple[int, int, bytes]]
) -> None:
    for frame in depacketised(codec, packets):
        assert len(frame.data) <= sum(len(payload) + 4 for _, _, payload in packets)
        assert frame.data


@pytest.mark.server  # the pictures are made by ffmpeg
@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_real_pictures_that_were_changed_on_the_way_break_nothing(data: st.DataObject) -> None:
    codec = data.draw(st.sampled_from(["vp8", "h264"]))
    packets, _ = packets_of(codec, 300)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(packets) - 1))
        marker, stamp, payload = packets[place]
        at = data.draw(st.integers(0, len(payload) - 1))
        changed = payload[:at] + data.draw(st.binary(max_size=3)) + payload[at + 1 :]
        packets[place] = marker, stamp, changed
    for frame in depacketised(codec, packets):
        assert frame.is_key is (frame.size is not None)
        assert len(frame.data) <= sum(len(payload) + 4 for _, _, payload in packets)


@given(st.binary(max_size=60))
def test_the_size_of_any_bytes_is_a_size_or_none(data: bytes) -> None:
    found = read_size(data)
    assert found is None or all(0 < side <= 1 << 14 for side in found)


@pytest.mark.parametrize(
    ("codec", "begin", "more", "end"),
    [
        ("vp8", VP8_KEY, b"\x00", b"\x00"),
        ("h264", b"\x7c\x85x", b"\x7c\x05", b"\x7c\x45"),
        ("h264", b"\x67\x42", b"\x01", b"\x01"),
    ],
)
def test_a_picture_without_end_is_given_up(
    codec: str, begin: bytes, more: bytes, end: bytes
) -> None:
    taker = MAKERS[codec]()
    tracemalloc.start()
    taker.add(0, 0, begin)
    for _ in range(10_000):
        taker.add(0, 0, more + bytes(1400))
    assert taker.add(0x80, 0, end + b"end") is None
    _, most_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most_bytes < 12 << 20
    assert taker.is_waiting


@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=200, unique=True),
    st.integers(0, 0xFFFF),
    st.randoms(use_true_random=False),
)
def test_packets_are_put_in_order_and_gaps_are_where_they_were(
    numbers: list[int], start: int, chance: object
) -> None:
    first, *rest = sorted(numbers)
    chance.shuffle(rest)  # type: ignore[attr-defined]
    order = Reordering(patience_s=1.0, most=1000)
    for number in (first, *rest, *rest[:5], first):
        order.add(((start + number) & 0xFFFF, 0, 0, b"%d" % number), 0.0)
    out = [*order.take(0.0), *order.take(1.0)]
    found = [-1 if each is None else int(each[0][3]) for each in out]
    assert [each for each in found if each >= 0] == sorted(numbers)
    assert order.lost == max(numbers) - first + 1 - len(numbers)
    whole = sorted(numbers)
    gaps = sum(after - before > 1 for before, after in pairwise(whole))
    assert found.count(-1) == gaps


def test_a_missing_packet_is_waited_for_and_too_many_are_not() -> None:
    order = Reordering(patience_s=0.7, most=3)
    for seq in (1, 3):
        order.add((seq, 0, 0, b""), 10.0)
    assert [came and came[0][0] for came in order.take(10.69)] == [1]
    assert [came and came[0][0] for came in order.take(10.71)] == [None, 3]
    for seq in (5, 6, 7, 8):
        order.add((seq, 0, 0, b""), 11.0)
    assert [came and came[0][0] for came in order.take(11.0)] == [None, 5, 6, 7, 8]
    order.add((4, 0, 0, b""), 11.0)
    assert not list(order.take(99.0)), "too late"

"""What strangers send becomes whole frames or nothing, and what is written can be read again."""

import io
import struct
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media.recording.clocks import SenderClock, TrackClock
from server.media.recording.frames import Frame, Pictures, Unwrapped
from server.media.recording.h264 import H264, read_size
from server.media.recording.manifest import CLOSED, Manifest, TrackFacts, read_manifest
from server.media.recording.opus import Sound, sounding_ticks
from server.media.recording.outbox import Outbox, write_manifest
from server.media.recording.reordering import Reordering
from server.media.recording.sealing import (
    RecordingDamagedError,
    Sealer,
    measure_stored,
    open_sealed,
)
from server.media.recording.track_file import TrackFile
from server.media.recording.vp8 import Vp8
from server.media.recording.webm import Clusters, file_head
from tests.makers import clips

KEY = bytes(range(32))
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


@pytest.mark.parametrize("codec", ["vp8", "h264"])
@pytest.mark.parametrize("most", [60, 300, 1100])
def test_pictures_come_out_as_they_went_in(codec: str, most: int) -> None:
    packets, wanted = packets_of(codec, most)
    found = depacketised(codec, packets)
    assert [frame.data for frame in found] == wanted
    assert found[0].is_key
    assert found[0].size == (320, 240)
    assert not any(frame.is_key for frame in found[1:])


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
    frames = depacketised(codec, packets)
    written = b"".join(written_as(codec, frames))
    assert [block for _, block in blocks_of(written)] == [frame.data for frame in frames]


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


def written_as(codec: str, frames: list[Frame]) -> Iterator[bytes]:
    """The chunks of a file."""
    clusters = Clusters(500)
    yield file_head(codec, size=(320, 240), private=frames[0].private if frames else b"")
    for frame in frames:
        full = clusters.add(frame.stamp // 90, frame.data, is_key=frame.is_key)
        if full is not None:
            yield full.data
    last = clusters.take()
    if last is not None:
        yield last.data


def elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements of a body, read by their numbers and sizes (RFC 8794)."""
    at = 0
    while at < len(data):
        width = 9 - data[at].bit_length()
        number = int.from_bytes(data[at : at + width])
        at += width
        width = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + width]) - (1 << 7 * width)
        at += width
        if size == (1 << 7 * width) - 1:
            size = len(data) - at
        assert at + size <= len(data)
        yield number, data[at : at + size]
        at += size


def blocks_of(data: bytes) -> list[tuple[int, bytes]]:
    """The frames of a file, with their times in milliseconds."""
    (_, _), (segment, body) = elements(data)
    assert segment == 0x18538067
    found = []
    for number, inside in elements(body):
        if number != 0x1F43B675:
            continue
        (_, time_bytes), *blocks = elements(inside)
        for kind, block in blocks:
            assert (kind, block[0]) == (0xA3, 0x81)
            (ahead_ms,) = struct.unpack_from(">h", block, 1)
            assert ahead_ms >= 0
            found.append((int.from_bytes(time_bytes) + ahead_ms, block[4:]))
    return found


@given(
    st.sampled_from(["vp8", "h264", "opus"]),
    st.lists(
        st.tuples(st.integers(0, 1 << 40), st.binary(min_size=1, max_size=300), st.booleans()),
        max_size=60,
    ),
    st.integers(1, 100_000),
)
def test_any_frames_are_read_again_and_time_never_goes_back(
    codec: str, frames: list[tuple[int, bytes, bool]], longest_ms: int
) -> None:
    clusters, written = Clusters(longest_ms), [file_head(codec, size=(640, 480), private=b"\x01")]
    for at_ms, data, is_key in frames:
        full = clusters.add(at_ms, data, is_key=is_key)
        written += [full.data] if full else []
    last = clusters.take()
    written += [last.data] if last else []
    found = blocks_of(b"".join(written))
    assert [data for _, data in found] == [data for _, data, _ in frames]
    times = [at_ms for at_ms, _ in found]
    assert times == sorted(times)
    for count in range(1, len(written)):
        cut = blocks_of(b"".join(written[:count]))
        assert cut == found[: len(cut)], "cut after a cluster it is read to its end"


def sealed(chunks: list[bytes]) -> bytes:
    sealer = Sealer(KEY, bytes(32))
    out = sealer.head
    for number, chunk in enumerate(chunks, 1):
        out += sealer.seal(chunk, number * 500)
    return out + sealer.seal(b"", len(chunks) * 500, final=True)


def unsealed(stored: bytes) -> tuple[bytes, bool]:
    out = io.BytesIO()
    is_whole = open_sealed(io.BytesIO(stored).read, KEY, out.write)
    return out.getvalue(), is_whole


CHUNKS = st.lists(st.binary(min_size=1, max_size=100), max_size=6)


@given(CHUNKS, st.data())
def test_a_sealed_file_that_was_cut_opens_as_far_as_it_goes(
    chunks: list[bytes], data: st.DataObject
) -> None:
    stored = sealed(chunks)
    assert unsealed(stored) == (b"".join(chunks), True)
    cut = data.draw(st.integers(38, len(stored) - 1))
    plain, is_whole = unsealed(stored[:cut])
    assert not is_whole
    count = next(n for n in range(len(chunks) + 1) if b"".join(chunks[:n]) == plain)
    file = io.BytesIO(stored[:cut])
    whole, ends_ms = measure_stored(file.read, lambda size: file.seek(size, 1) <= cut)
    assert ends_ms == count * 500
    assert unsealed(stored[:whole]) == (plain, False)
    assert whole <= cut


@given(CHUNKS, st.data())
def test_a_sealed_file_that_was_changed_is_refused(
    chunks: list[bytes], data: st.DataObject
) -> None:
    stored = bytearray(sealed(chunks))
    at = data.draw(st.integers(0, len(stored) - 1))
    stored[at] ^= data.draw(st.integers(1, 255))
    try:
        plain, is_whole = unsealed(bytes(stored))
    except RecordingDamagedError:
        return
    assert not is_whole, "a length that says more than is there is a file that was cut"
    assert b"".join(chunks).startswith(plain)


def test_another_key_another_order_and_more_bytes_are_refused() -> None:
    stored = sealed([b"one", b"two"])
    size = 12 + 3 + 16
    swapped = stored[:38] + stored[38 + size : 38 + 2 * size] + stored[38 : 38 + size]
    for wrong in (swapped, stored + b"x", stored[:38] + stored[38 + size :]):
        with pytest.raises(RecordingDamagedError):
            unsealed(wrong)
    with pytest.raises(RecordingDamagedError):
        open_sealed(io.BytesIO(stored).read, bytes(32), io.BytesIO().write)


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
    assert clock.settle() == 0.0, "once"
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


def test_a_report_that_says_nonsense_is_not_believed() -> None:
    sender = SenderClock()
    clock = TrackClock(sender, 90_000)
    clock.at_s(0, 10.0)
    sender.heed(ntp(7.0), 10.0)
    clock.report(ntp(7_000.0), 0)
    assert clock.settle() == 0.0
    assert clock.at_s(90_000, 11.0) == 11.0


def make_part(outbox: Outbox, **changes: object) -> tuple[Path, Manifest]:
    sequence, folder = outbox.add_part()
    facts = {"recording": "r", "room": "x", "began_at": "", "consented": ["ann"], **changes}
    manifest = Manifest(outbox.source, sequence, **facts)  # type: ignore[arg-type]
    write_manifest(folder, manifest)
    return folder, manifest


def test_an_outbox_settles_what_broke_off_and_forgets_what_never_began(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    outbox.open()
    folder, manifest = make_part(outbox)
    facts = TrackFacts("1.webm.sealed", "ann/first", "camera", "vp8")
    manifest.tracks.append(facts)
    file = TrackFile(folder, facts, KEY, 0.5)
    file.begin(Frame(0, b"key", is_key=True, size=(320, 240)), 5.0)
    for number in range(30):
        file.add(Frame(0, b"frame", is_key=True), 5.0 + number * 0.1, number * 0.1)
    facts.sha256, facts.bytes = "", 0
    write_manifest(folder, manifest)
    with (folder / facts.file).open("ab") as torn:
        torn.write(b"half a chunk")
    never, _ = outbox.add_part()
    again = Outbox(outbox.folder)
    again.open()
    assert again.source == outbox.source
    (part,) = again.list_parts()
    settled = read_manifest((folder / "manifest.json").read_bytes())
    assert (settled.state, settled.code) == (CLOSED, "broken-off")
    assert settled.tracks[0].length_ms == 2400
    assert not settled.tracks[0].webm_sha256, "only who has the key can say that"
    with (folder / facts.file).open("rb") as stored:
        assert open_sealed(stored.read, KEY, io.BytesIO().write) is False
    assert part["sequence"] == 1
    assert not (outbox.folder / f"{never:012}").exists()
    assert again.add_part()[0] == never + 1


def test_a_manifest_that_is_not_ours_is_not_listed(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox")
    outbox.open()
    for wrong in (b"", b"{}", b"[]", b'{"version": 2}', b'{"version": 1, "tracks": [{}]}'):
        _, folder = outbox.add_part()
        (folder / "manifest.json").write_bytes(wrong)
        assert not outbox.list_parts()
        assert not outbox.acknowledge(int(folder.name))


@pytest.mark.parametrize("act", ["add", "flush", "close"])
def test_a_disk_that_is_full_leaves_whole_chunks(
    tmp_path: Path, act: str, limit_files: Callable[[int], None]
) -> None:
    facts = TrackFacts("1.webm.sealed", "ann/first", "camera", "vp8")
    file = TrackFile(tmp_path, facts, KEY, 0.5)
    file.begin(Frame(0, b"key", is_key=True, size=(320, 240)), 5.0)
    file.add(Frame(0, bytes(5000), is_key=True), 5.0, 0.0)
    limit_files(2000)
    with pytest.raises(OSError, match="too large"):
        {
            "add": lambda: file.add(Frame(0, b"late", is_key=True), 9.0, 4.0),
            "flush": file.flush,
            "close": file.close,
        }[act]()
    assert (tmp_path / facts.file).stat().st_size == facts.bytes
    assert facts.sha256
    assert not facts.is_whole
    with (tmp_path / facts.file).open("rb") as stored:
        assert open_sealed(stored.read, KEY, io.BytesIO().write) is False

"""What is written can be read again: whole, cut off, and where the disk took no more."""

import io
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.media.recording.frames import Frame
from server.media.recording.manifest import CLOSED, Manifest, TrackFacts, read_manifest
from server.media.recording.outbox import Outbox, write_manifest
from server.media.recording.sealing import (
    RecordingDamagedError,
    Sealer,
    measure_stored,
    open_sealed,
)
from server.media.recording.track_file import TrackFile
from server.media.recording.webm import Clusters, file_head

KEY = bytes(range(32))


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
    file.add(Frame(0, b"what was on its way", is_key=True), 9.5, 4.5)
    file.flush()
    assert (facts.frames, facts.length_ms) == (0, 0), "the head is there, and no frame"
    with (tmp_path / facts.file).open("rb") as stored:
        assert open_sealed(stored.read, KEY, io.BytesIO().write) is False

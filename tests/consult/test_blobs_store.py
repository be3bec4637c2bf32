"""Blobs at rest: what goes in comes out, and no changed byte is ever served as good."""

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consult.blobs.cipher import CHUNK_BYTES, HEADER, stored_offset
from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.blobs.folder import FolderStore
from consult.blobs.s3 import S3Store
from consult.blobs.store import BlobRef, BlobStore, copy_to_fd, open_range, save_blob, verify_blob
from consult.kernel.ids import new_id
from consult.kernel.keys import Vault, make_key
from tests.makers.s3 import BucketFiles, S3House

PATIENT_NAME = "欧阳夏丹丹".encode()
BORDERS = [0, 1, CHUNK_BYTES, 2 * CHUNK_BYTES, 16 * CHUNK_BYTES, 17 * CHUNK_BYTES]
SIZES = st.sampled_from(BORDERS).flatmap(lambda border: st.integers(max(border - 2, 0), border + 2))


class Place(Protocol):
    """What lies in a store, byte for byte, as a test may look at it and spoil it."""

    def everything(self) -> list[bytes]: ...
    def read(self, key: str) -> bytes: ...
    def write(self, key: str, data: bytes) -> None: ...


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of blobs."""

    root: Path

    def everything(self) -> list[bytes]:
        return [path.read_bytes() for path in self.root.rglob("*") if path.is_file()]

    def read(self, key: str) -> bytes:
        return self._path(key).read_bytes()

    def write(self, key: str, data: bytes) -> None:
        self._path(key).write_bytes(data)

    def _path(self, key: str) -> Path:
        return next(self.root.rglob(key.partition("/")[2]))


@dataclass(frozen=True, slots=True)
class Clinic:
    """One institution and its blobs in a store."""

    place: Place
    store: BlobStore
    vault: Vault
    institution_id: str
    institution_key: bytes

    def save(self, plain: bytes) -> BlobRef:
        return save_blob(
            self.store,
            self.vault,
            institution_id=self.institution_id,
            institution_key=self.institution_key,
            source=io.BytesIO(plain),
        )

    def read(self, ref: BlobRef, start: int = 0, length: int | None = None) -> bytes:
        pieces = open_range(
            self.store,
            self.vault,
            ref,
            institution_key=self.institution_key,
            start=start,
            length=length,
        )
        return b"".join(pieces)

    def verify(self, ref: BlobRef) -> None:
        verify_blob(self.store, self.vault, ref, institution_key=self.institution_key)

    def stored(self, ref: BlobRef) -> bytes:
        return self.place.read(ref.key)

    def spoil(self, ref: BlobRef, stored: bytes) -> None:
        self.place.write(ref.key, stored)


def make_clinic(place: Place, store: BlobStore) -> Clinic:
    vault, institution_id = Vault(make_key()), new_id()
    key = vault.make_institution_key(institution_id)
    return Clinic(place, store, vault, institution_id, key)


def make_folder_clinic(root: Path) -> Clinic:
    return make_clinic(Folder(root), FolderStore(root))


def make_bucket_clinic(s3: S3House) -> Clinic:
    place = s3.make_place()
    return make_clinic(BucketFiles(s3, place), S3Store(place))


@pytest.fixture(params=["folder", "s3"])
def clinic(request: pytest.FixtureRequest, tmp_path: Path) -> Clinic:
    """Every test that uses it runs on the folder store and on a real S3 service."""
    if request.param == "folder":
        return make_folder_clinic(tmp_path / "blobs")
    return make_bucket_clinic(request.getfixturevalue("s3"))


@pytest.fixture(scope="module", params=["folder", "s3"])
def shared_clinic(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Clinic:
    if request.param == "folder":
        return make_folder_clinic(tmp_path_factory.mktemp("blobs"))
    return make_bucket_clinic(request.getfixturevalue("s3"))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


@pytest.fixture
def on_disk(root: Path) -> Clinic:
    """A clinic whose blobs are in a folder, for what only a disk can do."""
    return make_folder_clinic(root)


def pattern(size_bytes: int) -> bytes:
    return hashlib.shake_128(b"lianzhen").digest(size_bytes)


SLOW_DISK = settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@SLOW_DISK
@given(size_bytes=SIZES)
def test_an_image_of_any_size_comes_back_byte_for_byte(
    shared_clinic: Clinic, size_bytes: int
) -> None:
    plain = pattern(size_bytes)
    ref = shared_clinic.save(plain)
    assert (ref.size_bytes, ref.sha256) == (size_bytes, hashlib.sha256(plain).hexdigest())
    assert shared_clinic.read(ref) == plain
    shared_clinic.verify(ref)


@pytest.fixture(scope="module")
def three_chunks(shared_clinic: Clinic) -> tuple[BlobRef, bytes]:
    plain = pattern(2 * CHUNK_BYTES + 1000)
    return shared_clinic.save(plain), plain


@SLOW_DISK
@given(start=st.integers(0, 2 * CHUNK_BYTES + 1100), length=st.integers(0, 2 * CHUNK_BYTES + 1100))
def test_a_range_is_what_a_slice_of_the_file_would_be(
    shared_clinic: Clinic, three_chunks: tuple[BlobRef, bytes], start: int, length: int
) -> None:
    ref, plain = three_chunks
    assert shared_clinic.read(ref, start, length) == plain[start : start + length]


@pytest.mark.parametrize("size_bytes", [0, 5, CHUNK_BYTES, CHUNK_BYTES + 5])
def test_any_flipped_byte_is_found(clinic: Clinic, size_bytes: int) -> None:
    ref = clinic.save(pattern(size_bytes))
    stored = clinic.stored(ref)
    for at in {0, 6, 7, *range(8, len(stored), 4099), len(stored) - 1}:
        clinic.spoil(ref, stored[:at] + bytes([stored[at] ^ 0x10]) + stored[at + 1 :])
        with pytest.raises(BlobDamagedError):
            clinic.verify(ref)
        if at >= len(HEADER):
            with pytest.raises(BlobDamagedError):
                clinic.read(ref)


def test_a_cut_or_lengthened_file_is_found(clinic: Clinic) -> None:
    ref = clinic.save(pattern(2 * CHUNK_BYTES + 9))
    stored = clinic.stored(ref)
    for length in (0, len(HEADER), stored_offset(1), stored_offset(2), len(stored) - 1):
        clinic.spoil(ref, stored[:length])
        with pytest.raises(BlobDamagedError):
            clinic.verify(ref)
        with pytest.raises(BlobDamagedError):
            clinic.read(ref)
    clinic.spoil(ref, stored + b"\x00")
    with pytest.raises(BlobDamagedError):
        clinic.verify(ref)


def test_a_row_that_claims_fewer_bytes_does_not_hide_a_cut(clinic: Clinic) -> None:
    ref = clinic.save(pattern(2 * CHUNK_BYTES))
    clinic.spoil(ref, clinic.stored(ref)[: stored_offset(1)])
    with pytest.raises(BlobDamagedError):
        clinic.read(replace(ref, size_bytes=CHUNK_BYTES))


def test_chunks_that_changed_places_are_found(clinic: Clinic) -> None:
    ref = clinic.save(pattern(3 * CHUNK_BYTES))
    stored = clinic.stored(ref)
    cuts = [stored_offset(index) for index in range(4)]
    first, second, third = (stored[a:b] for a, b in pairwise(cuts))
    for order in ((second, first, third), (first, third, second), (first, first, third)):
        clinic.spoil(ref, stored[: cuts[0]] + b"".join(order))
        with pytest.raises(BlobDamagedError):
            clinic.read(ref)
    clinic.spoil(ref, stored)
    clinic.verify(ref)


def test_one_patients_file_in_the_place_of_another_is_found(clinic: Clinic) -> None:
    first, second = clinic.save(b"first patient"), clinic.save(b"other patient")
    clinic.spoil(first, clinic.stored(second))
    with pytest.raises(BlobDamagedError):
        clinic.read(first)
    with pytest.raises(BlobDamagedError):
        clinic.read(replace(first, key=second.key))


def test_another_institutions_key_opens_nothing(clinic: Clinic) -> None:
    ref = clinic.save(b"image")
    stranger = clinic.vault.make_institution_key(clinic.institution_id)
    with pytest.raises(BlobDamagedError):
        open_range(clinic.store, clinic.vault, ref, institution_key=stranger)
    other_server = Vault(make_key())
    with pytest.raises(BlobDamagedError):
        open_range(clinic.store, other_server, ref, institution_key=clinic.institution_key)


def test_no_plain_byte_ever_reaches_the_store(clinic: Clinic) -> None:
    ref = clinic.save(PATIENT_NAME * 20_000)
    everything = clinic.place.everything()
    assert clinic.stored(ref) in everything
    assert not any(PATIENT_NAME in stored for stored in everything)


def test_a_missing_blob_is_told_apart_from_a_damaged_one(clinic: Clinic) -> None:
    ref = clinic.save(b"image")
    clinic.store.delete(ref.key)
    clinic.store.delete(ref.key)
    with pytest.raises(BlobMissingError):
        clinic.read(ref)
    with pytest.raises(BlobMissingError):
        clinic.verify(ref)


@pytest.mark.parametrize(
    "key", ["../x", "a/../../etc/passwd", "a/b/c", "/etc/passwd", "a/", ".a/b"]
)
def test_a_key_can_never_lead_out_of_the_folder(clinic: Clinic, key: str) -> None:
    with pytest.raises(BlobMissingError):
        clinic.store.read(key, start=0, length=1)
    with pytest.raises(BlobMissingError):
        clinic.store.put(key, [b"x"])


def test_the_jail_gets_the_plain_bytes_in_a_descriptor(clinic: Clinic) -> None:
    plain = pattern(CHUNK_BYTES + 7)
    ref = clinic.save(plain)
    descriptor = os.memfd_create("instance")
    copy_to_fd(
        clinic.store,
        clinic.vault,
        ref,
        institution_key=clinic.institution_key,
        descriptor=descriptor,
    )
    with os.fdopen(descriptor, "rb") as file:
        file.seek(0)
        assert file.read() == plain


def test_a_blob_is_saved_from_a_descriptor_too(clinic: Clinic, tmp_path: Path) -> None:
    (tmp_path / "upload").write_bytes(pattern(CHUNK_BYTES * 2))
    descriptor = os.open(tmp_path / "upload", os.O_RDONLY)
    try:
        ref = save_blob(
            clinic.store,
            clinic.vault,
            institution_id=clinic.institution_id,
            institution_key=clinic.institution_key,
            source=descriptor,
        )
    finally:
        os.close(descriptor)
    assert clinic.read(ref) == pattern(CHUNK_BYTES * 2)


def test_a_source_that_breaks_leaves_nothing_behind(clinic: Clinic) -> None:
    def broken() -> Iterator[bytes]:
        yield b"begin"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        clinic.store.put("a/b1", broken())
    assert clinic.place.everything() == []
    assert list(clinic.store.list_keys()) == []


def test_leftovers_of_a_dead_writer_are_swept_and_those_of_a_living_one_kept(
    on_disk: Clinic, root: Path
) -> None:
    ref = on_disk.save(b"image")
    (root / ".incoming" / "left").write_bytes(b"half")
    swept: list[int] = []

    def slow() -> Iterator[bytes]:
        yield b"first half "
        swept.append(on_disk.store.sweep())
        yield b"second half"

    on_disk.store.put("a/b1", slow())
    assert swept == [1]
    assert on_disk.store.read("a/b1", start=0, length=99) == b"first half second half"
    assert on_disk.store.sweep() == 0
    assert sorted(on_disk.store.list_keys()) == sorted(["a/b1", ref.key])


def test_an_error_of_the_disk_is_never_an_acknowledgement(
    on_disk: Clinic, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    for call in ("fdatasync", "fsync"):
        with monkeypatch.context() as patch:
            patch.setattr(os, call, refuse)
            with pytest.raises(OSError, match="Input/output"):
                on_disk.store.put(f"a/{call}", [b"x"])
    assert not list((root / ".incoming").iterdir())


def test_several_threads_write_at_once(clinic: Clinic) -> None:
    refs: dict[int, BlobRef] = {}

    def write(number: int) -> None:
        for index in range(number * 5, number * 5 + 5):
            refs[index] = clinic.save(pattern(CHUNK_BYTES + index))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refs) == 20
    assert len(set(clinic.store.list_keys())) == 20
    assert all(clinic.read(ref) == pattern(CHUNK_BYTES + index) for index, ref in refs.items())

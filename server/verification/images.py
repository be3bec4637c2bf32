"""Every stored image read back: is it there, does it open, is it what its row says."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from consult.blobs.cipher import stored_size
from consult.blobs.errors import BlobDamagedError, BlobMissingError
from consult.blobs.store import BlobRef, BlobStore, verify_blob
from consult.kernel.errors import NotFoundError
from consult.kernel.faults import Fault
from consult.kernel.keys import Vault
from consult.kernel.work import SYSTEM, Entry, Work
from consult.people.organisations import service as organisations
from consult.reports.papers import audit as papers
from consult.rooms.recordings import audit as recorded
from consult.studies import audit as studies
from server.transactions import utc_now
from server.verification.findings import Findings

_MISSING: Final = "image-missing"
_NAMED: Final = (studies.is_still_named, papers.is_paper_named, recorded.is_track_named)


@dataclass(frozen=True, slots=True)
class Reader:
    """Where rows and bytes come from; the wrapped keys of institutions are read once."""

    session: Session
    blobs: BlobStore
    vault: Vault
    is_quick: bool
    wrapped_keys: dict[str, bytes] = field(default_factory=dict)

    def wrapped_key(self, institution_id: str) -> bytes:
        """The key of an institution; NotFoundError where a row names none that is there."""
        if institution_id not in self.wrapped_keys:
            work = Work(self.session, SYSTEM, utc_now(), _write_nothing)
            found = organisations.get_institution(work, institution_id)
            self.wrapped_keys[institution_id] = found.wrapped_key
        return self.wrapped_keys[institution_id]


def check_images(
    reader: Reader, findings: Findings, progress: Callable[[str, int, int], None]
) -> Iterator[Fault]:
    """Every blob that a row names, and how many lie there that nobody names."""
    total = studies.count_blobs(reader.session) + papers.count_papers(reader.session)
    total += recorded.count_tracks(reader.session)
    named = set()
    gone: list[str] = []
    for each in _named_blobs(reader.session):
        findings.count("images")
        if isinstance(each, Fault):
            yield each
            continue
        named.add(each.key)
        kind = _fault_of(reader, each)
        if kind == _MISSING:
            gone.append(each.key)
        elif kind is not None:
            yield Fault(kind, each.key)
        progress("images", findings.checked["images"], total)
    yield from _truly_gone(reader, gone)
    findings.notes["unnamed_files"] = sum(key not in named for key in reader.blobs.list_keys())


def _named_blobs(session: Session) -> Iterator[BlobRef | Fault]:
    """The bytes of images, of PDFs, and of recordings."""
    for each in studies.named_blobs(session):
        yield each if isinstance(each, Fault) else each.blob
    yield from papers.named_papers(session)
    yield from recorded.named_tracks(session)


def _truly_gone(reader: Reader, keys: list[str]) -> Iterator[Fault]:
    """A running server may have removed an image with its row since the snapshot was taken."""
    reader.session.rollback()
    for key in keys:
        if any(is_named(reader.session, key) for is_named in _NAMED):
            yield Fault(_MISSING, key)


def _fault_of(reader: Reader, blob: BlobRef) -> str | None:
    try:
        _read_back(reader, blob)
    except BlobMissingError:
        return _MISSING
    except (BlobDamagedError, NotFoundError, ValueError):
        return "image-damaged"
    except OSError:
        return "image-disk"
    return None


def _read_back(reader: Reader, blob: BlobRef) -> None:
    if not reader.is_quick:
        key = reader.wrapped_key(blob.institution_id)
        verify_blob(reader.blobs, reader.vault, blob, institution_key=key)
    elif reader.blobs.size(blob.key) != stored_size(blob.size_bytes):
        raise BlobDamagedError(blob.key)


def _write_nothing(*entries: Entry) -> None:
    raise RuntimeError([entry.kind for entry in entries])

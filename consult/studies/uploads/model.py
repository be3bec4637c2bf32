"""An upload: a file on its way in, piece by piece, and what became of it."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from consult.kernel.errors import Fact
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId, UploadId
from consult.kernel.rules import RuleTable


class UploadState(enum.StrEnum):
    """How far a file has come."""

    RECEIVING = "receiving"
    RECEIVED = "received"
    WORKING = "working"
    ASKED = "asked"
    WAITING = "waiting"
    DONE = "done"
    REFUSED = "refused"


RUNNING = frozenset({UploadState.RECEIVING, UploadState.RECEIVED, UploadState.WORKING})
"""What still may bring an image; a case is not submitted before."""
NO_CASE: Final = CaseId("")
"""The case of what a camera's computer sends, until it is known whose it is."""
NO_PERSON: Final = PractitionerId("")


class FileVerdict(enum.StrEnum):
    """What became of one file, or of one entry of an archive."""

    STORED = "stored"
    KNOWN = "known"
    CONFLICT = "conflict"
    ASKED = "asked"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class FileResult:
    """The answer about one file; `code` and `facts` choose the sentence at the door."""

    name: str
    verdict: FileVerdict
    code: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)
    image_id: str | None = None
    has_picture: bool = False


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """The figures of config/uploads.toml that bound an upload."""

    largest_file_bytes: int
    open_uploads_a_person: int
    longest_name: int
    expires_hours: int
    largest_first_look_bytes: int
    least_bytes_per_s: int
    share_percent: int
    late_files_min: int


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A file that is to be sent; a page that asks again says the same `key`."""

    file_name: str = field(repr=False)
    size_bytes: int
    modified_at: datetime | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """One upload with the offset up to which its bytes are on the disk."""

    id: UploadId
    institution_id: InstitutionId
    practitioner_id: PractitionerId
    session_id: str | None
    case_id: CaseId
    size_bytes: int
    offset_bytes: int
    state: UploadState
    file_name: str = field(repr=False)
    modified_at: datetime | None
    reason: str | None = field(repr=False)
    results: tuple[FileResult, ...] = field(repr=False)
    expires_at: datetime

    @property
    def is_whole(self) -> bool:
        """Whether every byte has arrived."""
        return self.offset_bytes == self.size_bytes

    @property
    def known_case_id(self) -> CaseId | None:
        """The case, for the journal; None where nobody has said whose it is."""
        return self.case_id or None


def parse_upload_limits(mapping: Mapping[str, object]) -> UploadLimits:
    """The bounds of config/uploads.toml."""
    table = RuleTable(mapping)
    return UploadLimits(
        largest_file_bytes=table.whole("largest_file_bytes", lowest=1),
        open_uploads_a_person=table.whole("open_uploads_a_person", lowest=1),
        longest_name=table.whole("longest_name", lowest=1),
        expires_hours=table.whole("expires_hours", lowest=1),
        largest_first_look_bytes=table.whole("largest_first_look_bytes", lowest=1),
        least_bytes_per_s=table.whole("least_bytes_per_s", lowest=1),
        share_percent=table.whole("share_percent", lowest=1),
        late_files_min=table.whole("late_files_min", lowest=1),
    )

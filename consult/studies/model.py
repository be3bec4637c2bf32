"""What the house keeps of an image: its identity, where its bytes lie, what may be shown of it."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from consult.blobs.store import BlobRef
from consult.kernel.ids import InstanceId, InstitutionId, PatientId, StudyId
from consult.studies.index.model import Indexed
from consult.studies.quality import QualityCheck
from imaging.video import CODINGS

NOBODY_YET: Final = PatientId("")
"""The patient of what came in without a case: it belongs to the institution until a person says."""

NOT_LOOKED_AT: Final = "not-looked-at"
"""Why a picture is not shown that came in a moment ago; a job behind the answer looks at it."""


class Part(enum.StrEnum):
    """Which stored bytes of an instance."""

    ORIGINAL = "original"
    PREVIEW = "preview"
    THUMBNAIL = "thumbnail"


class Origin(enum.StrEnum):
    """What was uploaded: a DICOM object, kept byte for byte, or a photograph that we wrapped.

    What a signed report left in the study was uploaded by nobody.
    """

    DICOM = "dicom"
    PHOTOGRAPH = "photograph"
    REPORT = "report"


class CapturedSource(enum.StrEnum):
    """Where the capture time comes from (U1)."""

    EXIF = "exif"
    DICOM = "dicom"
    FILE = "file"
    UNKNOWN = "unknown"


class Likeness(enum.StrEnum):
    """Whether a picture looks like a fundus."""

    FUNDUS = "fundus"
    NOT_FUNDUS = "not_fundus"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True)
class Captured:
    """When the camera took it; `zone` is the offset or zone in which the file's clock was read."""

    at: datetime | None = None
    source: CapturedSource = CapturedSource.UNKNOWN
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Description:
    """What a file says about its image; `named_*` is the patient that a DICOM header names."""

    origin: Origin
    sop_class_uid: str
    transfer_syntax_uid: str
    modality: str
    rows: int | None
    columns: int | None
    frames: int
    captured: Captured
    laterality: str | None = None
    picture_reason: str | None = None
    likeness: Likeness = Likeness.UNCERTAIN
    quality: QualityCheck | None = None
    named_name: str = field(default="", repr=False)
    named_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Uids:
    """The three identifiers by which an instance is addressed (PS3.18 10.4)."""

    study_instance_uid: str
    series_instance_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Received:
    """One file on its way in; its blobs are stored already, its row is not."""

    uids: Uids
    source_sha256: str
    description: Description
    blobs: Mapping[Part, BlobRef]
    indexed: Indexed | None = None
    """What searches know of it; without it a job takes that from the stored object."""

    @property
    def size_bytes(self) -> int:
        """What all its parts take."""
        return sum(blob.size_bytes for blob in self.blobs.values())


@dataclass(frozen=True, slots=True)
class Instance:
    """One stored instance with the places of its bytes."""

    id: InstanceId
    institution_id: InstitutionId
    patient_id: PatientId
    study_id: StudyId
    uids: Uids
    source_sha256: str
    description: Description
    blobs: Mapping[Part, BlobRef]
    received_at: datetime
    withdrawn_at: datetime | None = None
    successor_id: InstanceId | None = None
    decoding: str | None = None
    """What two decoders said of its picture (`agreed`, `differ`, `alone`); None: not asked."""

    @property
    def original(self) -> BlobRef:
        """The DICOM object."""
        return self.blobs[Part.ORIGINAL]

    @property
    def size_bytes(self) -> int:
        """What all its parts take."""
        return sum(blob.size_bytes for blob in self.blobs.values())

    @property
    def known_patient_id(self) -> PatientId | None:
        """Whose it is; None while it waits for a person to say so."""
        return self.patient_id or None

    @property
    def awaits_look(self) -> bool:
        """Whether nobody knows yet if a picture can be shown."""
        return self.description.picture_reason == NOT_LOOKED_AT

    @property
    def has_picture(self) -> bool:
        """Whether a picture can be shown."""
        return self.description.picture_reason is None

    @property
    def video(self) -> str | None:
        """How its stream is coded (`mpeg2`, `h264`, `hevc`) if it is a video, which is played."""
        return CODINGS.get(self.description.transfer_syntax_uid)

    @property
    def can_be_seen(self) -> bool:
        """Whether there is something for a reader to see: a picture, or a video."""
        return self.has_picture or self.video is not None


class Verdict(enum.StrEnum):
    """What became of a file that reached the store."""

    STORED = "stored"
    KNOWN = "known"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Ingested:
    """The instance that a file became, is already, or collides with."""

    verdict: Verdict
    instance: Instance
    conflict_id: str | None = None

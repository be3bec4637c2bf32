"""What a dossier holds: named files, the images that go with them, and one signed manifest.

It tells a case up to its newest change. Who only looked or exported after that changes nothing, so
both sides export the same bytes (RPT-09, B13).
"""

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import date
from typing import Final

from consult.blobs.store import BlobRef
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.studies.model import Instance

SCHEMA: Final = "lianzhen.dossier/1"
LOOKS: Final = frozenset(
    {
        "appointment.slip_opened",
        "case.opened",
        "case.overseen",
        "case.retake_listed",
        "discussion.draft_saved",
        "discussion.read",
        "dossier.exported",
        "emergency.missed",
        "emergency.opened",
        "emergency.reviewed",
        "image.downloaded",
        "image.seen",
        "marks.exported",
        "patient.opened",
        "recall.listed",
        "referral.viewed",
        "reading.opened",
        "report.downloaded",
        "report.opened",
        "report.signature_refused",
        "study.retrieved",
        "study.viewed",
        "telling.printed",
        "telling.shown",
    }
)
"""Entries about a case that change nothing in it."""


class ExportReason(enum.StrEnum):
    """Why somebody takes images or a dossier out of the house."""

    ARCHIVE = "archive"
    TREATMENT = "treatment"
    PATIENT_ASKED = "patient_asked"
    QUALITY = "quality"
    DISPUTE = "dispute"
    SUPERVISION = "supervision"


@dataclass(frozen=True, slots=True)
class DossierImage:
    """One image by its name in the dossier, and where its bytes lie."""

    name: str
    blob: BlobRef


class PictureState(enum.StrEnum):
    """Whether a picture counts as this patient's, or was relied on before it was corrected."""

    CURRENT = "current"
    CORRECTED = "corrected"
    ANOTHER_PATIENT = "another_patient"
    NOT_SHARED = "not_shared"
    """Of an exam that was recognised until its own institution might not share it any more."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One object that the case shows, or that a report of it may rest on.

    Of another patient's picture, and of one that is not shared any more, the dossier has the hash,
    and not the bytes.
    """

    place: DossierImage
    instance: Instance
    eye: Eye | None
    field: FieldCode | None
    state: PictureState

    @property
    def is_enclosed(self) -> bool:
        """Whether its bytes go with the dossier."""
        return self.state in {PictureState.CURRENT, PictureState.CORRECTED}


@dataclass(frozen=True, slots=True)
class Dossier:
    """The files in the order of their names; images come last and may be left out."""

    number: str
    files: Mapping[str, bytes] = slot(repr=False)
    images: Sequence[DossierImage]
    manifest_sha256: str


def as_plain(value: object) -> object:
    """A record as JSON values, by its fields' own names."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [each.name for each in dataclasses.fields(value)]
        return {name: as_plain(getattr(value, name)) for name in names}
    if isinstance(value, Mapping):
        return {str(key): as_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [as_plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted(str(as_plain(inner)) for inner in value)
    return _one(value)


def _one(value: object) -> object:
    if isinstance(value, enum.Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value

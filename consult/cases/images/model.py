"""The images of a case: whose eye, which field, who said so, what is still to be answered."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import datetime
from typing import Final

from consult.cases.images.clocks import NEVER_LEARNT, ClockRules
from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, InstanceId, PractitionerId
from consult.studies.model import Instance, Received
from consult.studies.quality import QualityVerdict


class Source(enum.StrEnum):
    """What a proposal rests on, the strongest first; a person's word is no proposal."""

    TAG = "tag"
    FILE_NAME = "file_name"
    DISC_POSITION = "disc_position"
    CAPTURE_ORDER = "capture_order"
    CONTENT = "content"
    PERSON = "person"


EVIDENCE: Final = (Source.TAG, Source.FILE_NAME, Source.DISC_POSITION)
WITHOUT_EYE: Final = frozenset({FieldCode.EXTERNAL, FieldCode.OTHER})


class KeepReason(enum.StrEnum):
    """Why a photograph stays although the automatic check advises to take it again (IMG-07)."""

    READABLE = "readable"
    MEDIA_OPACITY = "media_opacity"
    SMALL_PUPIL = "small_pupil"
    CANNOT_COOPERATE = "cannot_cooperate"
    LID_OBSCURED = "lid_obscured"
    POSITION_LIMITED = "position_limited"
    DEVICE_FAULT = "device_fault"
    PATIENT_LEFT = "patient_left"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an image itself says about eye and field, by source, and which camera took it.

    `clock_offset_s` is how far behind that camera's clock was taken to be when the image came.
    """

    eyes: Mapping[Source, Eye] = slot(default_factory=dict)
    fields: Mapping[Source, FieldCode] = slot(default_factory=dict)
    camera: str = ""
    clock_offset_s: int = 0


@dataclass(frozen=True, slots=True)
class ImageRow:
    """An image of a case as stored; `chosen_*` is what a person marked before confirming."""

    id: str
    case_id: CaseId
    instance_id: InstanceId
    file_name: str = slot(repr=False)
    evidence: Evidence
    chosen_eye: Eye | None
    chosen_field: FieldCode | None
    eye: Eye | None
    field: FieldCode | None
    confirmed_by: PractitionerId | None
    confirmed_at: datetime | None
    question_ids: tuple[str, ...]
    added_at: datetime
    is_removed: bool = False
    replaced_at: datetime | None = None
    replaced_by: str | None = None
    kept_for: KeepReason | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether a person has confirmed eye and field."""
        return self.confirmed_at is not None

    @property
    def was_confirmed(self) -> bool:
        """Whether a person has ever done so: `eye` and `field` are then what she said last."""
        return self.field is not None


@dataclass(frozen=True, slots=True)
class NewImage:
    """An image on its way into a case, with the questions that it raises there."""

    instance_id: InstanceId
    file_name: str = slot(repr=False)
    evidence: Evidence
    question_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is offered for confirmation, and on what it rests."""

    eye: Eye | None = None
    eye_source: Source | None = None
    field: FieldCode | None = None
    field_source: Source | None = None

    @property
    def is_whole(self) -> bool:
        """Whether it names a field, and an eye where one is due."""
        return self.field is not None and (self.eye is not None or self.field in WITHOUT_EYE)


@dataclass(frozen=True, slots=True)
class CaseImage:
    """One image as a page shows it: position in capture order, proposal or confirmed fact."""

    row: ImageRow
    instance: Instance
    position: int
    proposal: Proposal
    is_conflicted: bool

    @property
    def id(self) -> str:
        """The id of the image within its case."""
        return self.row.id

    @property
    def eye(self) -> Eye | None:
        """The confirmed eye, else the proposed one."""
        return self.row.eye if self.row.is_confirmed else self.proposal.eye

    @property
    def field(self) -> FieldCode | None:
        """The confirmed field, else the proposed one."""
        return self.row.field if self.row.is_confirmed else self.proposal.field

    @property
    def is_confirmed(self) -> bool:
        """Whether a person has confirmed it."""
        return self.row.is_confirmed

    @property
    def needs_another(self) -> bool:
        """Whether the automatic check advises to take it again; only of the back of the eye."""
        check = self.instance.description.quality
        is_retinal = self.field not in WITHOUT_EYE
        return is_retinal and check is not None and check.verdict is QualityVerdict.RETAKE

    @property
    def needs_confirming(self) -> bool:
        """Whether a person must still say whose eye it is."""
        return self.instance.has_picture and not self.row.is_confirmed


class QuestionKind(enum.StrEnum):
    """What only a person can answer (U1)."""

    OTHER_NAME = "other_name"
    OTHER_WINDOW = "other_window"
    OWN_WINDOW = "own_window"


@dataclass(frozen=True, slots=True)
class ImageQuestion:
    """A doubt about a whole set, asked once; `banner_name` is whom the case is for."""

    id: str
    case_id: CaseId
    kind: QuestionKind
    banner_name: str = slot(repr=False)
    named_name: str = slot(repr=False)
    captured_at: datetime | None
    image_count: int
    answered_by: PractitionerId | None
    answered_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a person."""
        return self.answered_at is None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that reached its case: its name, what was stored of it, what it says of itself."""

    file_name: str = slot(repr=False)
    received: Received
    evidence: Evidence = slot(default_factory=Evidence)


@dataclass(frozen=True, slots=True)
class ImageRules:
    """How far a capture time may lie from the visit (U1)."""

    own_window_min: int
    longest_window_min: int
    clock: ClockRules = NEVER_LEARNT

"""The images of a case: whose eye, which field, who said so, what is still to be answered."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as slot
from datetime import datetime, timedelta
from typing import Final

from consult.cases.protocol import CaptureProtocol, FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.ids import CaseId, InstanceId, PractitionerId
from consult.studies.model import Instance, Likeness, Received


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an image itself says about eye and field, by source."""

    eyes: Mapping[Source, Eye] = slot(default_factory=dict)
    fields: Mapping[Source, FieldCode] = slot(default_factory=dict)


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

    @property
    def is_confirmed(self) -> bool:
        """Whether a person has confirmed eye and field."""
        return self.confirmed_at is not None


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
class Opening:
    """A patient's case was opened on a screen of the institution at this time."""

    patient_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ImageRules:
    """How far a capture time may lie from the visit (U1)."""

    own_window_min: int
    longest_window_min: int


def conflicts(row: ImageRow) -> bool:
    """Whether the sources, or the person and a source, name different eyes."""
    named = {row.evidence.eyes[source] for source in EVIDENCE if source in row.evidence.eyes}
    if row.chosen_eye is not None:
        named.add(row.chosen_eye)
    return len(named) > 1


def in_capture_order(
    rows: Sequence[tuple[ImageRow, Instance]],
) -> list[tuple[ImageRow, Instance]]:
    """By capture time; those without one follow in the order in which they came."""

    def key(pair: tuple[ImageRow, Instance]) -> tuple[bool, str, str, str]:
        row, instance = pair
        at = instance.description.captured.at
        return at is None, "" if at is None else at.isoformat(), row.file_name, row.id

    return sorted(rows, key=key)


def propose(
    pairs: Sequence[tuple[ImageRow, Instance]],
    *,
    protocol: CaptureProtocol | None,
    first_eye: Eye,
) -> list[CaseImage]:
    """Number the images in capture order and propose eye and field of each.

    The order itself proposes only where nothing in the set says anything about an eye and the
    photographs fall into two equal halves; it is shown as what it is.
    """
    ordered = in_capture_order(pairs)
    eyes = [_eye_of(row) for row, _ in ordered]
    retinal = [index for index, pair in enumerate(ordered) if _is_retinal(pair)]
    if retinal and len(retinal) % 2 == 0 and all(eyes[index][0] is None for index in retinal):
        for turn, index in enumerate(retinal):
            eye = first_eye if turn < len(retinal) // 2 else first_eye.other
            eyes[index] = (eye, Source.CAPTURE_ORDER)
    fields = _fields_of(ordered, [eye for eye, _ in eyes], protocol)
    return [
        CaseImage(row, instance, position, Proposal(*eye, *found), conflicts(row))
        for position, ((row, instance), eye, found) in enumerate(
            zip(ordered, eyes, fields, strict=True), start=1
        )
    ]


def _is_retinal(pair: tuple[ImageRow, Instance]) -> bool:
    _, instance = pair
    return instance.has_picture and instance.description.likeness is not Likeness.NOT_FUNDUS


def _eye_of(row: ImageRow) -> tuple[Eye | None, Source | None]:
    if row.chosen_eye is not None:
        return row.chosen_eye, Source.PERSON
    for source in EVIDENCE:
        if source in row.evidence.eyes:
            return row.evidence.eyes[source], source
    return None, None


def _fields_of(
    pairs: Sequence[tuple[ImageRow, Instance]],
    eyes: Sequence[Eye | None],
    protocol: CaptureProtocol | None,
) -> list[tuple[FieldCode | None, Source | None]]:
    fields = [_field_of(pair) for pair in pairs]
    for eye in Eye:
        of_eye = [
            index for index, pair in enumerate(pairs) if eyes[index] is eye and _is_retinal(pair)
        ]
        silent = all(fields[index][0] is None for index in of_eye)
        if protocol is not None and silent and len(of_eye) == len(protocol.fields):
            for index, code in zip(of_eye, protocol.fields, strict=True):
                fields[index] = (code, Source.CAPTURE_ORDER)
    return fields


def _field_of(pair: tuple[ImageRow, Instance]) -> tuple[FieldCode | None, Source | None]:
    row, instance = pair
    if row.chosen_field is not None:
        return row.chosen_field, Source.PERSON
    for source in EVIDENCE:
        if source in row.evidence.fields:
            return row.evidence.fields[source], source
    if instance.description.likeness is Likeness.NOT_FUNDUS:
        return FieldCode.OTHER, Source.CONTENT
    return None, None


@dataclass(frozen=True, slots=True)
class Window:
    """How long a patient was the current one."""

    patient_id: str
    start: datetime
    end: datetime

    def minutes_from(self, at: datetime) -> float:
        """How far a time lies from this window; 0 within it."""
        apart = max(self.start - at, at - self.end)
        return max(0.0, apart.total_seconds() / 60)


def windows_of(openings: Sequence[Opening], *, longest_min: int) -> list[Window]:
    """From each opening to the next one of another patient, at most `longest_min`.

    `openings` are those of one institution, the earliest first.
    """
    found: list[Window] = []
    for number, opening in enumerate(openings):
        end = opening.at + timedelta(minutes=longest_min)
        for later in openings[number + 1 :]:
            if later.patient_id != opening.patient_id:
                end = min(end, later.at)
                break
        found.append(Window(opening.patient_id, opening.at, end))
    return found


def doubt_about(
    windows: Sequence[Window], at: datetime, *, patient_id: str, own_window_min: int
) -> tuple[QuestionKind, str | None] | None:
    """Which question a capture time raises, and which other patient was current then (U1)."""
    own = [window.minutes_from(at) for window in windows if window.patient_id == patient_id]
    nearest = min(own, default=None)
    if nearest == 0:
        return None
    for window in windows:
        if window.patient_id != patient_id and window.start <= at < window.end:
            return QuestionKind.OTHER_WINDOW, window.patient_id
    if nearest is None or nearest > own_window_min:
        return QuestionKind.OWN_WINDOW, None
    return None

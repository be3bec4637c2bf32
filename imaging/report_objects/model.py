r"""What a signed report leaves in a study, as plain values: identity, references, graphics, codes.

A point is (column, row) with 0\0 at the corner of the first pixel (PS3.3 C.10.5.1.2, C.18.6.1.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from imaging.fundus.fields import Code

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """An object of the same study; `frame` counts from 1, None is the whole object."""

    series_instance_uid: str
    sop_class_uid: str
    sop_instance_uid: str
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Whose object it is, in which series, when it was signed, and by whom.

    `picture` is a picture's own header in the DICOM JSON model (PS3.18 F.2): patient and study are
    told as it tells them. `signed_at` is the local time of the institution (ISO 8601).
    """

    picture: Mapping[str, Any] = field(repr=False)
    sop_instance_uid: str
    series_instance_uid: str
    series_number: int
    instance_number: int
    description: str
    signed_at: str
    author: str
    institution: str


@dataclass(frozen=True, slots=True)
class Measurement:
    """A number with its unit, both coded."""

    name: Code
    value: float
    unit: Code


@dataclass(frozen=True, slots=True)
class Region:
    """A mark as a structured report tells it: where, what was found there, what was measured.

    `is_measured` marks are those of which the numbers are the point (length, angle).
    """

    tracking_uid: str
    tracking_id: str
    on: ObjectRef
    graphic_type: str
    points: tuple[Point, ...] = field(repr=False)
    finding: Code | None
    site: Code | None
    laterality: str | None
    comment: str = field(repr=False)
    measurements: tuple[Measurement, ...]
    is_measured: bool


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said of an evaluation: how a grade came about, why it is another than computed."""

    name: Code
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A coded answer or a text, of one eye or of the patient."""

    name: Code
    value: Code | None
    text: str = field(repr=False)
    laterality: str | None
    remarks: tuple[Remark, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """A structured report by TID 1500."""

    head: Head
    procedure: Code
    regions: tuple[Region, ...]
    evaluations: tuple[Evaluation, ...]
    evidence: tuple[ObjectRef, ...]
    predecessors: tuple[ObjectRef, ...]


@dataclass(frozen=True, slots=True)
class Graphic:
    """One line or point that a presentation state draws, with its layer and a text beside it."""

    on: ObjectRef
    layer: str
    graphic_type: str
    points: tuple[Point, ...] = field(repr=False)
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Layer:
    """What has one colour (`#rrggbb`)."""

    name: str
    description: str
    colour: str


@dataclass(frozen=True, slots=True)
class Canvas:
    """How the pictures of one presentation state are shown: all of them alike.

    `display` has the attributes of the grey pipeline as the picture tells them (DICOM JSON).
    """

    columns: int
    rows: int
    is_grey: bool
    laterality: str | None
    display: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Presented:
    """A softcopy presentation state with the marks on some pictures."""

    head: Head
    canvas: Canvas
    pictures: tuple[ObjectRef, ...]
    layers: tuple[Layer, ...]
    graphics: tuple[Graphic, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """A key object selection: of key images, or of what is taken back."""

    head: Head
    title: Code
    note: str = field(repr=False)
    images: tuple[ObjectRef, ...]
    others: tuple[ObjectRef, ...]


@dataclass(frozen=True, slots=True)
class Papered:
    """A sealed PDF inside an object."""

    head: Head
    title: str = field(repr=False)
    concept: Code
    sources: tuple[ObjectRef, ...]
    predecessors: tuple[ObjectRef, ...]


Plan = Measured | Presented | Selected | Papered

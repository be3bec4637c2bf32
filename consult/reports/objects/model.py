"""What a signed version leaves in the studies of its pictures, and under which identifiers.

Identifiers follow from the version, the study and the kind: made twice, it is the same object.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

from consult.annotations.model import Mark
from consult.blobs.store import BlobRef
from consult.kernel.ids import InstitutionId, PatientId, StudyId
from consult.reports.versions import Report
from consult.studies.model import Instance, Uids
from imaging.report_objects.model import ObjectRef
from imaging.uid import make_uid

OBJECTS_JOB: Final = "file_report_objects"
MOST_PRESENTED: Final = 20
"""Marks on pictures that are shown in more ways than these stand in the other objects alone."""

_NAMESPACE: Final = UUID("6f0f6a2e-53f5-4b0d-9d0e-6a4f6a0c3f1b")


class ObjectKind(enum.StrEnum):
    """Which object: the sealed paper, the structured report, the marks, the chosen images."""

    PAPER = "paper"
    MEASURED = "measured"
    PRESENTED = "presented"
    SELECTED = "selected"

    @property
    def series_number(self) -> int:
        """Behind every series of a device."""
        return 9001 + list(ObjectKind).index(self)


def uids_of(report: Report, study_uid: str, kind: ObjectKind, number: int = 0) -> Uids:
    """The address of an object; all of one kind of a case stand in one series of each study."""
    return Uids(
        study_instance_uid=study_uid,
        series_instance_uid=_uid("series", report.case_id, study_uid, kind),
        sop_instance_uid=_uid("object", report.id, study_uid, kind, str(number)),
    )


def tracking_uid(report: Report, mark_id: str) -> str:
    """By which a mark is known in every version of a case's report (PS3.16 TID 1501)."""
    return _uid("mark", report.case_id, report.author_id, mark_id)


def _uid(*parts: str) -> str:
    return make_uid(uuid5(_NAMESPACE, "/".join(parts)).int)


@dataclass(frozen=True, slots=True)
class Pictured:
    """A picture on which the report rests; `is_retinal` where it shows the back of the eye."""

    image_id: str
    instance: Instance
    is_retinal: bool

    def ref(self, frame: int | None = None) -> ObjectRef:
        """The picture, or one of its frames where it has several."""
        several = self.instance.description.frames > 1
        return reference_to(self.instance, frame=frame if several else None)


@dataclass(frozen=True, slots=True)
class FiledObject:
    """An object that is in the study already; a retraction's takes back what others left."""

    report_id: str
    version: int
    kind: ObjectKind
    instance: Instance
    takes_back: bool


@dataclass(frozen=True, slots=True)
class Place:
    """One study with its pictures, the marks on them, and what earlier versions left there."""

    institution_id: InstitutionId
    patient_id: PatientId
    study_id: StudyId
    study_uid: str
    pictures: tuple[Pictured, ...]
    marks: tuple[Mark, ...] = field(repr=False)
    key_images: tuple[Pictured, ...]
    earlier: tuple[FiledObject, ...]
    filed: tuple[FiledObject, ...]

    @property
    def marked(self) -> tuple[Pictured, ...]:
        """The pictures that bear marks."""
        named = {mark.image_id for mark in self.marks}
        return tuple(each for each in self.pictures if each.image_id in named)

    def has(self, uids: Uids) -> bool:
        """Whether this object is filed."""
        return any(each.instance.uids == uids for each in self.filed)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Everything that the objects of a version are made from; all of it was signed."""

    report: Report
    content: Mapping[str, Any] = field(repr=False)
    zone: str
    author: str = field(repr=False)
    pdf: BlobRef | None
    places: tuple[Place, ...]


def reference_to(instance: Instance, *, frame: int | None = None) -> ObjectRef:
    """How another object of the study names this one."""
    return ObjectRef(
        instance.uids.series_instance_uid,
        instance.description.sop_class_uid,
        instance.uids.sop_instance_uid,
        frame,
    )

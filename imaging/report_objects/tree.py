"""Content items of a structured report (PS3.3 C.17.3)."""

import enum
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pydicom.dataset import Dataset
from pydicom.uid import UID

from imaging.filling import fill
from imaging.fundus.fields import Code
from imaging.report_objects import concepts
from imaging.report_objects.head import coded, referenced
from imaging.report_objects.model import Head, Measurement, ObjectRef, Point

_MAPPING: Final = "DCMR"
_SIGNIFICANT: Final = 16


class Relation(enum.StrEnum):
    """How an item belongs to the one above it."""

    CONTAINS = "CONTAINS"
    CONTEXT = "HAS OBS CONTEXT"
    MODIFIER = "HAS CONCEPT MOD"
    PROPERTY = "HAS PROPERTIES"
    INFERRED = "INFERRED FROM"
    SELECTED = "SELECTED FROM"


def container(name: Code, items: Sequence[Dataset], *, template: str | None = None) -> Dataset:
    """A heading with what stands below it, by a template of PS3.16 where one is named."""
    made = _item(Relation.CONTAINS, "CONTAINER", name, ContinuityOfContent="SEPARATE")
    if template is not None:
        by = Dataset()
        fill(by, MappingResource=_MAPPING, TemplateIdentifier=template)
        fill(made, ContentTemplateSequence=[by])
    return _with(made, items)


def as_root(made: Dataset, root: Dataset) -> None:
    """Make a container the root of a document: it belongs to nothing above it."""
    for element in root:
        if element.keyword != "RelationshipType":
            made[element.keyword] = element


def code(
    name: Code,
    value: Code,
    *,
    relation: Relation = Relation.CONTAINS,
    items: Sequence[Dataset] = (),
) -> Dataset:
    """A coded answer."""
    return _with(_item(relation, "CODE", name, ConceptCodeSequence=[coded(value)]), items)


def text(
    name: Code,
    value: str,
    *,
    relation: Relation = Relation.CONTAINS,
    items: Sequence[Dataset] = (),
) -> Dataset:
    """A text."""
    return _with(_item(relation, "TEXT", name, TextValue=value), items)


def uid(name: Code, value: str) -> Dataset:
    """A unique identifier, as context."""
    return _item(Relation.CONTEXT, "UIDREF", name, UID=UID(value))


def number(said: Measurement, items: Sequence[Dataset] = ()) -> Dataset:
    """A number with its unit; the exact value stands beside the decimal text (PS3.3 C.18.1)."""
    measured = Dataset()
    fill(
        measured,
        MeasurementUnitsCodeSequence=[coded(said.unit)],
        NumericValue=decimal(said.value),
        FloatingPointValue=float(said.value),
    )
    made = _item(Relation.CONTAINS, "NUM", said.name, MeasuredValueSequence=[measured])
    return _with(made, items)


def shape(
    name: Code, relation: Relation, *, graphic_type: str, points: Sequence[Point], on: ObjectRef
) -> Dataset:
    """Spatial coordinates, selected from an image or one of its frames (PS3.3 C.18.6)."""
    made = _item(
        relation,
        "SCOORD",
        name,
        GraphicType=graphic_type,
        GraphicData=[part for point in points for part in point],
    )
    return _with(made, [image(on, relation=Relation.SELECTED)])


def image(ref: ObjectRef, *, relation: Relation = Relation.CONTAINS) -> Dataset:
    """A reference to an image."""
    return _reference(ref, relation, "IMAGE")


def composite(ref: ObjectRef) -> Dataset:
    """A reference to any other object."""
    return _reference(ref, Relation.CONTAINS, "COMPOSITE")


def observed_by(head: Head) -> Iterable[Dataset]:
    """Language and observer (TID 1204, TID 1002)."""
    yield code(concepts.LANGUAGE, concepts.CHINESE, relation=Relation.MODIFIER)
    yield code(concepts.OBSERVER_TYPE, concepts.PERSON, relation=Relation.CONTEXT)
    yield _item(Relation.CONTEXT, "PNAME", concepts.OBSERVER, PersonName=head.author)
    yield text(concepts.ORGANISATION, head.institution, relation=Relation.CONTEXT)


def decimal(value: float) -> str:
    """A decimal string of at most 16 characters (PS3.5 6.2)."""
    for digits in range(_SIGNIFICANT, 0, -1):
        said = f"{value:.{digits}g}"
        if len(said) <= _SIGNIFICANT:
            return said
    return "0"


def _reference(ref: ObjectRef, relation: Relation, value_type: str) -> Dataset:
    made = Dataset()
    fill(
        made,
        RelationshipType=relation.value,
        ValueType=value_type,
        ReferencedSOPSequence=[referenced(ref, with_frame=True)],
    )
    return made


def _item(relation: Relation, value_type: str, name: Code, **values: Any) -> Dataset:
    made = Dataset()
    fill(
        made,
        RelationshipType=relation.value,
        ValueType=value_type,
        ConceptNameCodeSequence=[coded(name)],
        **values,
    )
    return made


def _with(made: Dataset, items: Sequence[Dataset]) -> Dataset:
    if items:
        fill(made, ContentSequence=list(items))
    return made

"""A Comprehensive SR by TID 1500: what was marked, measured and graded (PS3.3 A.35.3)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import ComprehensiveSRStorage

from imaging.filling import fill
from imaging.fundus.fields import Code
from imaging.report_objects import concepts, tree
from imaging.report_objects.head import begin, in_study
from imaging.report_objects.model import Evaluation, Head, Measured, Region
from imaging.report_objects.tree import Relation

MODALITY: Final = "SR"
_LONGEST_ORGANISATION: Final = 64


def make_measured(plan: Measured) -> Dataset:
    """The whole object, verified by whoever signed the report."""
    made = begin(plan.head, sop_class=str(ComprehensiveSRStorage), modality=MODALITY)
    fill(
        made,
        ReferencedPerformedProcedureStepSequence=[],
        PerformedProcedureCodeSequence=[],
        CompletionFlag="COMPLETE",
        VerificationFlag="VERIFIED",
        PreliminaryFlag="FINAL",
        VerifyingObserverSequence=[_verified_by(plan.head)],
    )
    evidence = in_study(made, plan.evidence)
    if evidence:
        fill(made, CurrentRequestedProcedureEvidenceSequence=evidence)
    if plan.predecessors:
        fill(made, PredecessorDocumentsSequence=in_study(made, plan.predecessors))
    tree.as_root(made, tree.container(concepts.REPORT, _content(plan), template="1500"))
    return made


def _verified_by(head: Head) -> Dataset:
    """PS3.3 C.17.2: who verified it, for whom, and when."""
    item = Dataset()
    fill(
        item,
        VerifyingObserverName=head.author,
        VerifyingObserverIdentificationCodeSequence=[],
        VerifyingOrganization=head.institution[:_LONGEST_ORGANISATION],
        VerificationDateTime=datetime.fromisoformat(head.signed_at).strftime("%Y%m%d%H%M%S"),
    )
    return item


def _content(plan: Measured) -> list[Dataset]:
    items = [*tree.observed_by(plan.head)]
    items.append(tree.code(concepts.PROCEDURE, plan.procedure, relation=Relation.MODIFIER))
    items.append(_library(plan))
    # where nothing was marked it stands there empty: it may (row 6), and readers look for it
    groups = [_group(region) for region in plan.regions]
    items.append(tree.container(concepts.MEASUREMENTS, groups))
    if plan.evaluations:
        said = [_evaluation(each) for each in plan.evaluations]
        items.append(tree.container(concepts.EVALUATIONS, said))
    return items


def _library(plan: Measured) -> Dataset:
    """TID 1600: the pictures on which the report rests; row 5 of TID 1500 asks for it."""
    pictures = [tree.image(ref) for ref in plan.evidence]
    groups = [tree.container(concepts.LIBRARY_GROUP, pictures)] if pictures else []
    return tree.container(concepts.LIBRARY, groups, template="1600")


def _group(region: Region) -> Dataset:
    """TID 1501 where a number is the point, TID 1410 where the region is."""
    template = "1501" if region.is_measured else "1410"
    return tree.container(concepts.GROUP, list(_in_group(region)), template=template)


def _in_group(region: Region) -> Iterator[Dataset]:
    yield tree.text(concepts.TRACKING_ID, region.tracking_id, relation=Relation.CONTEXT)
    yield tree.uid(concepts.TRACKING_UID, region.tracking_uid)
    if region.finding is not None:
        yield tree.code(concepts.FINDING, region.finding)
    if region.site is not None:
        side = list(_side(region.laterality))
        yield tree.code(concepts.SITE, region.site, relation=Relation.MODIFIER, items=side)
    if not region.is_measured:
        yield _shape(region, concepts.REGION, Relation.CONTAINS)
    for place, each in enumerate(region.measurements):
        # an area is the outline's, and says so; the other numbers are of the pixels in it
        is_of_shape = region.is_measured or place == 0
        source = [_shape(region, concepts.SOURCE, Relation.INFERRED)] if is_of_shape else []
        yield tree.number(each, source)
    if region.comment:
        yield tree.text(concepts.COMMENT, region.comment)


def _shape(region: Region, name: Code, relation: Relation) -> Dataset:
    return tree.shape(
        name,
        relation,
        graphic_type=region.graphic_type,
        points=region.points,
        on=region.on,
    )


def _side(laterality: str | None) -> Iterator[Dataset]:
    if laterality in concepts.SIDES:
        side = concepts.SIDES[laterality]
        yield tree.code(concepts.LATERALITY, side, relation=Relation.MODIFIER)


def _evaluation(said: Evaluation) -> Dataset:
    items: Sequence[Dataset] = [
        *_side(said.laterality),
        *(tree.text(each.name, each.text, relation=Relation.PROPERTY) for each in said.remarks),
    ]
    if said.value is None:
        return tree.text(said.name, said.text, items=items)
    return tree.code(said.name, said.value, items=items)

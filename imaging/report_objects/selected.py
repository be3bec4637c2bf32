"""A Key Object Selection Document by TID 2010 (PS3.3 A.35.4)."""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import KeyObjectSelectionDocumentStorage

from imaging.filling import fill
from imaging.report_objects import concepts, tree
from imaging.report_objects.head import begin, in_study
from imaging.report_objects.model import Selected

MODALITY: Final = "KO"


def make_selected(plan: Selected) -> Dataset:
    """The whole object."""
    sop_class = str(KeyObjectSelectionDocumentStorage)
    made = begin(plan.head, sop_class=sop_class, modality=MODALITY)
    fill(
        made,
        ReferencedPerformedProcedureStepSequence=[],
        CurrentRequestedProcedureEvidenceSequence=in_study(made, [*plan.images, *plan.others]),
    )
    items = [*tree.observed_by(plan.head)]
    if plan.note:
        items.append(tree.text(concepts.KEY_NOTE, plan.note))
    items += [tree.image(ref) for ref in plan.images]
    items += [tree.composite(ref) for ref in plan.others]
    tree.as_root(made, tree.container(plan.title, items, template="2010"))
    return made

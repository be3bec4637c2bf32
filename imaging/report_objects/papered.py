"""An Encapsulated PDF with the sealed paper, byte for byte (PS3.3 A.45.1)."""

from datetime import datetime
from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import EncapsulatedPDFStorage

from imaging.filling import fill
from imaging.report_objects.head import begin, coded, in_study, referenced
from imaging.report_objects.model import Papered

MODALITY: Final = "DOC"


def make_papered(plan: Papered, pdf: bytes) -> Dataset:
    """The whole object; one byte is added where the PDF has an odd length (PS3.5 8.2)."""
    made = begin(plan.head, sop_class=str(EncapsulatedPDFStorage), modality=MODALITY)
    at = datetime.fromisoformat(plan.head.signed_at)
    fill(
        made,
        ConversionType="WSD",
        AcquisitionDateTime=at.strftime("%Y%m%d%H%M%S"),
        BurnedInAnnotation="YES",
        DocumentTitle=plan.title,
        ConceptNameCodeSequence=[coded(plan.concept)],
        VerificationFlag="VERIFIED",
        SourceInstanceSequence=[referenced(ref) for ref in plan.sources],
        MIMETypeOfEncapsulatedDocument="application/pdf",
        EncapsulatedDocumentLength=len(pdf),
        EncapsulatedDocument=pdf + bytes(len(pdf) % 2),
    )
    if not plan.sources:
        del made.SourceInstanceSequence
    if plan.predecessors:
        fill(made, PredecessorDocumentsSequence=in_study(made, plan.predecessors))
    return made

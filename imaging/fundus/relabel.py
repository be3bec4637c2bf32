"""Give our own wrapped photograph another eye, field, patient or identity; pixels stay."""

from dataclasses import dataclass

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import UID

from imaging.descriptor import open_positioned
from imaging.errors import Refusal, RefusedError
from imaging.filling import fill
from imaging.fundus.objects import MANUFACTURER, RECORD_HEAD, set_eye, set_field, set_person
from imaging.fundus.wrap import save
from imaging.fundus.wrapping import Person
from imaging.lenient import leniently
from imaging.survey import survey


@dataclass(frozen=True, slots=True)
class Relabelling:
    """What changes; None leaves what is there. `uids` maps keywords to new UIDs."""

    laterality: str | None
    field: str | None
    person: Person | None = None
    accession_number: str | None = None
    uids: tuple[tuple[str, str], ...] = ()


def relabel(descriptor: int, relabelling: Relabelling, *, output: int) -> None:
    """Write the relabelled instance to `output`; the pixel element is copied byte for byte.

    Raises RefusedError: the file is not one that we wrapped, or is damaged.
    """
    survey(descriptor)
    with open_positioned(descriptor) as source, leniently():
        try:
            found = dcmread(source)
        except (InvalidDicomError, ValueError, KeyError, OSError, EOFError) as error:
            raise RefusedError(Refusal.NOT_OURS) from error
        if not _is_ours(found):
            raise RefusedError(Refusal.NOT_OURS)
        set_eye(found, relabelling.laterality)
        set_field(found, relabelling.field)
        _set_rest(found, relabelling)
        save(found, output=output)


def _set_rest(found: Dataset, relabelling: Relabelling) -> None:
    if relabelling.person is not None:
        set_person(found, relabelling.person)
    if relabelling.accession_number is not None:
        fill(found, AccessionNumber=relabelling.accession_number)
    for keyword, uid in relabelling.uids:
        setattr(found, keyword, UID(uid))
    fill(found.file_meta, MediaStorageSOPInstanceUID=found.SOPInstanceUID)


def _is_ours(found: Dataset) -> bool:
    return any(
        item.get("Manufacturer") == MANUFACTURER
        and str(item.get("ContributionDescription", "")).startswith(RECORD_HEAD)
        for item in found.get("ContributingEquipmentSequence") or []
    )

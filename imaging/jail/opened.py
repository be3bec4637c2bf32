"""A DICOM file whose structure and header are read once for all that a job asks of it."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from imaging.header import Identity, identity_of, read_header
from imaging.survey import Survey, survey


@dataclass(frozen=True, slots=True)
class Opened:
    """The open file, where its parts lie, the elements that the house uses, and which it is."""

    descriptor: int
    found: Survey
    header: Dataset
    identity: Identity


def open_object(descriptor: int) -> Opened:
    """Read structure and header.

    Raises RefusedError: the file cannot be taken.
    """
    return open_surveyed(descriptor, survey(descriptor))


def open_surveyed(descriptor: int, found: Survey) -> Opened:
    """Do the same where the structure is known; raises as `open_object` does."""
    header = read_header(descriptor, found)
    return Opened(descriptor, found, header, identity_of(found, header))

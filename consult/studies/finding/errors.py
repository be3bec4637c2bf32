"""What can go wrong with questions of the DICOM network."""


class TooWideError(Exception):
    """More matches than one answer may hold: a narrower question finds them."""

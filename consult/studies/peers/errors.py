"""What can go wrong with peers of the DICOM network."""

from consult.kernel.errors import ConflictError


class PeerTitleTakenError(ConflictError):
    """Another peer of this installation comes in under this title."""

    def __init__(self) -> None:
        super().__init__("peer-title-taken")

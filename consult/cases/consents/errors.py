"""What can go wrong with a consent."""

from consult.kernel.errors import ConflictError


class ConsentAlreadyWithdrawnError(ConflictError):
    """The consent was withdrawn before."""

    def __init__(self, consent_id: str) -> None:
        super().__init__("consent-already-withdrawn", consent_id=consent_id)
        self.consent_id = consent_id

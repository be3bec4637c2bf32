"""What ends an association: reasons for an abort (PS3.8 9.3.8) and for a refusal (9.3.4)."""

from enum import IntEnum

from imaging.errors import ImagingError


class AbortReason(IntEnum):
    """Reasons of the service provider, the only source that we abort as (PS3.8 table 9-26)."""

    UNRECOGNISED_PDU = 1
    UNEXPECTED_PDU = 2
    UNEXPECTED_PARAMETER = 5
    INVALID_PARAMETER = 6


class PeerError(ImagingError):
    """The peer does not keep to the protocol: the association is aborted, and why."""

    def __init__(self, reason: AbortReason = AbortReason.INVALID_PARAMETER) -> None:
        super().__init__("peer-out-of-protocol")
        self.reason = reason


class PeerGoneError(ImagingError):
    """The peer closed the connection, aborted, or kept silent for too long."""

    def __init__(self, code: str = "peer-gone") -> None:
        super().__init__(code)


class PeerAbsentError(PeerGoneError):
    """Nobody takes the connection there."""

    def __init__(self) -> None:
        super().__init__("peer-absent")


class PeerUntrustedError(PeerGoneError):
    """TLS was not agreed on, or somebody else is there than we know."""

    def __init__(self) -> None:
        super().__init__("peer-untrusted")


class PeerRefusesError(PeerGoneError):
    """The peer refuses our association; result, source and reason in one number (table 9-21)."""

    def __init__(self, rejection: int) -> None:
        super().__init__("peer-refuses")
        self.rejection = rejection


class Rejection(IntEnum):
    """Why an association is refused: result, source and reason in one number (table 9-21)."""

    CALLED_UNKNOWN = 0x010107
    CALLING_UNKNOWN = 0x010103
    CONTEXT_NAME = 0x010102
    PROTOCOL_VERSION = 0x010202
    CONGESTED = 0x020301
    LIMIT_EXCEEDED = 0x020302


class RefusedAssociationError(ImagingError):
    """The association is refused, and why."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__("association-refused")
        self.rejection = rejection

"""Why a link or a guest goes no further."""

from consult.kernel.errors import ConflictError, ForbiddenError, GoneError


class LinkGoneError(GoneError):
    """The link does not open any more: used, expired, taken back, or the room is over."""

    def __init__(self, state: str) -> None:
        super().__init__(f"link-{state}")
        self.state = state


class GuestUnknownError(ForbiddenError):
    """No link into a room that still stands was used by this browser."""

    def __init__(self) -> None:
        super().__init__("guest-unknown")


class IdentityNeededError(ConflictError):
    """She has not said yet who she is."""

    def __init__(self) -> None:
        super().__init__("guest-identity-needed")


class NotInviterError(ForbiddenError):
    """Only who may call, and the host, invites by a link."""

    def __init__(self) -> None:
        super().__init__("room-not-inviter")

"""Why a telephone or a photograph of a paper goes no further."""

from consult.kernel.errors import ConflictError, ForbiddenError, GoneError


class PaperLinkGoneError(GoneError):
    """The link opens no more: used by another telephone, out of time, or taken back."""

    def __init__(self, state: str) -> None:
        super().__init__(f"paper-link-{state}")
        self.state = state


class TelephoneUnknownError(ForbiddenError):
    """No link that still stands was used by this browser."""

    def __init__(self) -> None:
        super().__init__("paper-telephone-unknown")


class EnoughPapersError(ConflictError):
    """As many photographs as one link carries have come."""

    def __init__(self, most: int) -> None:
        super().__init__("papers-enough", most=most)


class PaperNotTakenError(ConflictError):
    """The case takes no such paper any more."""

    def __init__(self) -> None:
        super().__init__("paper-not-taken")

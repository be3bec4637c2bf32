"""Why there is no dossier."""

from consult.kernel.errors import ConflictError, RefusedError


class NotSubmittedError(RefusedError):
    """A case that was never submitted is no consultation yet."""

    def __init__(self) -> None:
        super().__init__("dossier-not-submitted")


class DossierWhileReadError(ConflictError):
    """The case may still be read by a second physician, who must not know of the first reading."""

    def __init__(self) -> None:
        super().__init__("dossier-while-read")


class DossierTooLargeError(RefusedError):
    """The case has more journal lines than one dossier can carry."""

    def __init__(self, limit: int) -> None:
        super().__init__("dossier-too-large", limit=limit)

"""What can go wrong with destinations."""

from consult.kernel.errors import ConflictError, NotFoundError


class DestinationNotFoundError(NotFoundError):
    """No such destination, or not within reach."""


class DestinationChangedError(ConflictError):
    """Somebody else changed it since the page was drawn."""

    def __init__(self) -> None:
        super().__init__("destination-changed")

"""Why an image is not taken although nothing is wrong with it."""

from consult.kernel.errors import RefusedError


class QuotaFullError(RefusedError):
    """The institution keeps as much as it may; the administrator bounds it."""

    def __init__(self) -> None:
        super().__init__("quota-full")

"""What can go wrong with pictures that wait for a person."""

from consult.kernel.errors import ConflictError


class DeliveryTakenError(ConflictError):
    """The picture does not wait any more: somebody was first."""

    def __init__(self) -> None:
        super().__init__("delivery-taken")

"""What can go wrong with stored images."""

from consult.kernel.errors import ConflictError, NotFoundError


class InstanceNotFoundError(NotFoundError):
    """No such instance, or not for this actor."""


class InstanceRacedError(ConflictError):
    """The same object was stored by somebody else in this very moment: look again."""

    def __init__(self) -> None:
        super().__init__("image-raced")


class InstanceChangedError(ConflictError):
    """The stored bytes were replaced since they were read."""

    def __init__(self, instance_id: str) -> None:
        super().__init__("image-changed", instance_id=instance_id)


class ConflictSettledError(ConflictError):
    """Somebody has settled this conflict already."""

    def __init__(self) -> None:
        super().__init__("conflict-settled")

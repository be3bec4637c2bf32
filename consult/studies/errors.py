"""What can go wrong with stored images."""

from consult.kernel.errors import ConflictError, GoneError, NotFoundError
from consult.kernel.ids import InstanceId


class InstanceNotFoundError(NotFoundError):
    """No such instance, or not for this actor."""


class InstanceWithdrawnError(GoneError):
    """The object proved to be another patient's, and is not shown here again."""

    def __init__(self, successor_id: InstanceId | None) -> None:
        super().__init__("image-withdrawn")
        self.successor_id = successor_id


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

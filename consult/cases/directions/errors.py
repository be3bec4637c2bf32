"""What can go wrong with the direction of a camera."""

from consult.kernel.errors import ConflictError


class CameraElsewhereError(ConflictError):
    """The camera is not with this patient any more."""

    def __init__(self) -> None:
        super().__init__("camera-elsewhere")

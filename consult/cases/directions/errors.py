"""What can go wrong with the direction of a camera."""

from consult.kernel.errors import ConflictError, RefusedError


class CameraElsewhereError(ConflictError):
    """The camera is not with this patient any more."""

    def __init__(self) -> None:
        super().__init__("camera-elsewhere")


class CameraUnknownError(RefusedError):
    """No camera of the institution, or one that may not send now."""

    def __init__(self) -> None:
        super().__init__("camera-unknown", field="machine_id")

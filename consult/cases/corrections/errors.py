"""What keeps a picture from being corrected."""

from consult.kernel.errors import ConflictError, RefusedError


class NotCorrectedHereError(ConflictError):
    """Nobody has been shown this case, or it was withdrawn."""

    def __init__(self, status: str) -> None:
        super().__init__("case-not-corrected", status=f"term:case_status.{status}")


class NotSentYetError(ConflictError):
    """The picture has come since the case was returned, so that its own doors still hold."""

    def __init__(self, position: int) -> None:
        super().__init__("image-not-sent", position=position)


class NothingCorrectedError(RefusedError):
    """Eye and field are what they were."""

    def __init__(self) -> None:
        super().__init__("correction-changes-nothing", field="eye")


class NotAnotherPatientError(RefusedError):
    """The pictures go only into another patient's open draft of the same institution."""

    def __init__(self) -> None:
        super().__init__("correction-target", field="to_case_id")


class TakenElsewhereError(ConflictError):
    """It is an earlier exam's picture: it is corrected in the case for which it was taken."""

    def __init__(self, position: int) -> None:
        super().__init__("image-taken-elsewhere", position=position)

"""Why a case is not opened in an emergency, or a review not taken."""

from consult.kernel.errors import ConflictError, ForbiddenError, RefusedError


class NoSuchCaseError(RefusedError):
    """No case has this number."""

    def __init__(self) -> None:
        super().__init__("emergency-no-case", field="number")


class ReasonTooShortError(RefusedError):
    """A reason is a sentence."""

    def __init__(self, shortest: int) -> None:
        super().__init__("emergency-reason-short", field="reason", shortest=shortest)


class NotNeededError(ConflictError):
    """The case is open to the person anyway."""

    def __init__(self) -> None:
        super().__init__("emergency-not-needed")


class OwnEmergencyError(ForbiddenError):
    """Nobody reviews what she opened herself."""

    def __init__(self) -> None:
        super().__init__("emergency-own")


class AlreadyReviewedError(ConflictError):
    """Somebody else has reviewed it."""

    def __init__(self) -> None:
        super().__init__("emergency-reviewed")

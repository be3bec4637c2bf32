"""What can go wrong with studies that wait for a person."""

from consult.kernel.errors import ConflictError


class StudyTakenError(ConflictError):
    """No such study waits at this institution: somebody was first, or it never did."""

    def __init__(self) -> None:
        super().__init__("study-taken")


class StudyTooLargeError(ConflictError):
    """The study holds more objects than a case takes at once."""

    def __init__(self, most: int) -> None:
        super().__init__("study-too-large", most=most)

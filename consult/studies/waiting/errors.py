"""What can go wrong with studies that wait for a person."""

from consult.kernel.errors import ConflictError


class StudyTakenError(ConflictError):
    """No such study waits at this institution: somebody was first, or it never did."""

    def __init__(self) -> None:
        super().__init__("study-taken")

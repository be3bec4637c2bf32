"""What can go wrong with an earlier exam."""

from consult.kernel.errors import ConflictError


class ExamNotOfferedError(ConflictError):
    """The exam does not count any more, or never did: it is withdrawn, corrected or too old."""

    def __init__(self) -> None:
        super().__init__("exam-not-offered")


class ExamInUseError(ConflictError):
    """The case rests on this exam already."""

    def __init__(self) -> None:
        super().__init__("exam-in-use")

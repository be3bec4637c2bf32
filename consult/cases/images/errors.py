"""What can go wrong with the images of a case."""

from consult.kernel.errors import ConflictError, NotFoundError, RefusedError


class CaseNotOpenForImagesError(ConflictError):
    """Images are added and changed only before submission, or after a return."""

    def __init__(self, status: str) -> None:
        super().__init__("case-not-open-for-images", status=f"term:case_status.{status}")


class ImageNotFoundError(NotFoundError):
    """No such image in this case."""


class EyesChangedError(ConflictError):
    """The images or their proposals are not the ones that were on the page."""

    def __init__(self) -> None:
        super().__init__("eyes-changed")


class ImageConflictedError(RefusedError):
    """The sources name different eyes: this image is confirmed by itself."""

    def __init__(self, position: int) -> None:
        super().__init__("eye-conflict", field="images", position=position)


class EyeMissingError(RefusedError):
    """Only an external or other picture may be without an eye."""

    def __init__(self, position: int) -> None:
        super().__init__("eye-missing", field="eye", position=position)


class SameBytesBothEyesError(RefusedError):
    """One picture cannot be both eyes."""

    def __init__(self, position: int) -> None:
        super().__init__("same-bytes-both-eyes", field="eye", position=position)


class EyeAbsentInPartError(RefusedError):
    """An eye is absent as a whole, not in one field."""

    def __init__(self) -> None:
        super().__init__("eye-absent-in-part", field="reason")


class ImageSentError(ConflictError):
    """Others may have relied on it: it is corrected, so that both states are kept."""

    def __init__(self) -> None:
        super().__init__("image-was-sent")


class QuestionAnsweredError(ConflictError):
    """Somebody has answered this question already."""

    def __init__(self) -> None:
        super().__init__("image-question-answered")


class MoveTargetError(RefusedError):
    """The set goes only into another open draft of the same institution."""

    def __init__(self) -> None:
        super().__init__("move-target-not-open", field="to_case_id")


class NothingToKeepError(RefusedError):
    """The automatic check does not advise to take this photograph again."""

    def __init__(self) -> None:
        super().__init__("quality-not-doubted", field="reason")

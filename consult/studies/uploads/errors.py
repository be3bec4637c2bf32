"""Why an upload is refused."""

from consult.kernel.errors import ConflictError, NotFoundError, RefusedError


class UploadGoneError(NotFoundError):
    """The upload has expired, was ended, or never was."""

    def __init__(self) -> None:
        super().__init__("upload-gone")


class UploadTooLargeError(RefusedError):
    """The file is larger than what is taken here."""

    def __init__(self, largest_bytes: int) -> None:
        super().__init__("upload-too-large", largest_mb=largest_bytes // 2**20)


class UploadEmptyError(RefusedError):
    """The file has no bytes."""

    def __init__(self) -> None:
        super().__init__("empty-file")


class TooManyUploadsError(RefusedError):
    """The person has too many unfinished uploads."""

    def __init__(self, limit: int) -> None:
        super().__init__("uploads-too-many", limit=limit)


class WrongOffsetError(ConflictError):
    """The piece does not begin where the stored bytes end."""

    def __init__(self, offset_bytes: int) -> None:
        super().__init__("upload-wrong-offset", offset=offset_bytes)
        self.offset_bytes = offset_bytes


class UploadNotAskedError(ConflictError):
    """Nothing is asked about this upload."""

    def __init__(self) -> None:
        super().__init__("upload-not-asked")

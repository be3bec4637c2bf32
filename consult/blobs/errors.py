"""What can be wrong with a stored blob."""

from consult.kernel.errors import ConsultError, NotFoundError, UnavailableError


class BlobMissingError(NotFoundError):
    """The row names a blob that the store does not have."""

    def __init__(self, key: str) -> None:
        super().__init__("blob-missing", key=key)


class BlobDamagedError(ConsultError):
    """The stored bytes are not the ones that were saved, or the key is not theirs."""

    def __init__(self, key: str) -> None:
        super().__init__("blob-damaged", key=key)


class BlobsAwayError(UnavailableError):
    """The store of images does not answer as it should; nothing was half-written."""

    def __init__(self) -> None:
        super().__init__("blobs-away")

"""Why the identity provider's word was not taken."""

import structlog

from consult.kernel.errors import ForbiddenError

log = structlog.get_logger()


class ProviderRefusedError(ForbiddenError):
    """The provider's answer does not prove who is there; what was wrong stands in the log."""

    def __init__(self, why: str) -> None:
        super().__init__("provider-refused")
        log.warning("provider refused", code=why)


class ProviderUnreachableError(ForbiddenError):
    """The provider did not answer, or not as one does."""

    def __init__(self) -> None:
        super().__init__("provider-unreachable")

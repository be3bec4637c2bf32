"""Why a paper cannot be handed over."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consult.kernel.errors import ConflictError

_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no-glyph": "paper-no-glyph",
        "no-chinese-font": "paper-no-chinese-font",
        "seal-expired": "paper-seal-expired",
        "seal-not-yet-valid": "paper-seal-not-yet-valid",
        "seal-away": "paper-seal-away",
        "not-made": "paper-not-made",
    }
)


class PaperBeingMadeError(ConflictError):
    """The PDF is on its way."""

    def __init__(self) -> None:
        super().__init__("paper-being-made")


class PaperRefusedError(ConflictError):
    """The PDF cannot be made here; `detail` is what the jail or seal names."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(_CODES.get(reason, "paper-not-made"), characters=detail)
        self.reason = reason

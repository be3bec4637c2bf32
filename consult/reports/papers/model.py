"""The paper of a signed version: its PDF in one language, made once and never again."""

from dataclasses import dataclass
from datetime import datetime

from consult.blobs.store import BlobRef
from consult.kernel.ids import ReportId

MAIN_LANGUAGE = "zh-Hans"
"""In this language every version is put on paper at once; in others when somebody asks."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One PDF, or why there is none yet; `blob` has its size and the hash of every byte."""

    report_id: ReportId
    language: str
    wanted_at: datetime
    made_at: datetime | None
    failure: str
    detail: str
    signed_by: str
    blob: BlobRef | None

    @property
    def is_refused(self) -> bool:
        """Whether it could not be made, for a reason that a person must mend."""
        return bool(self.failure)

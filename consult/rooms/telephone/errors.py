"""Why a consultation by telephone is not kept."""

from consult.kernel.errors import ConflictError
from consult.kernel.ids import CaseId


class TelephoneFullError(ConflictError):
    """So many telephone calls were written down for this case that no further one is kept."""

    def __init__(self, case_id: CaseId) -> None:
        super().__init__("telephone-full", case_id=case_id)
        self.case_id = case_id

"""A file that lies under another patient was dropped on the wrong row, and is left out (U1)."""

from collections.abc import Collection

from consult.cases.images.service import get_open_case
from consult.kernel.work import Work
from consult.studies.deliveries import service as deliveries
from consult.studies.uploads import service as uploads
from consult.studies.uploads import service_left
from consult.studies.uploads.errors import UploadNotAskedError


def leave_out(work: Work, case_id: str, *, upload_ids: Collection[str]) -> list[str]:
    """These files that are asked about are not this patient's: nothing of them joins the case.

    The uploads whose bytes nobody needs any more; what a camera's computer sent, and had waited,
    waits again. Raises UploadNotAskedError.
    """
    case = get_open_case(work, case_id)
    asked = {upload.id for upload in uploads.list_asked(work, case.id)}
    if not asked.issuperset(upload_ids):
        raise UploadNotAskedError
    chosen = sorted(set(upload_ids))
    ended = [each for each in chosen if not deliveries.return_asked(work, each)]
    for upload_id in ended:
        service_left.leave_out(work, upload_id)
    return ended

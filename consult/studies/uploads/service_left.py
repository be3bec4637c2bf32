"""A file that somebody was asked about ends without an image."""

from consult.kernel.work import Entry, Work
from consult.studies.uploads import store
from consult.studies.uploads.errors import UploadNotAskedError
from consult.studies.uploads.model import FileResult, FileVerdict, UploadState
from consult.studies.uploads.service import get_upload


def leave_out(work: Work, upload_id: str) -> None:
    """The file is not this patient's.

    What else came in the same archive stays. Raises UploadNotAskedError.
    """
    upload = get_upload(work, upload_id)
    if upload.state is not UploadState.ASKED:
        raise UploadNotAskedError
    results = [_left_out(result) for result in upload.results]
    kept = any(result.verdict is not FileVerdict.REFUSED for result in results)
    state = UploadState.DONE if kept else UploadState.REFUSED
    store.save_results(work, upload_id, state=state, results=results)
    work.journal(Entry("upload.left_out", "upload", upload_id, case_id=upload.known_case_id))


def _left_out(result: FileResult) -> FileResult:
    if result.verdict is not FileVerdict.ASKED:
        return result
    return FileResult(result.name, FileVerdict.REFUSED, "left-out")

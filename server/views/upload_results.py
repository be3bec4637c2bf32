"""What became of an uploaded file, as pages and scripts are told."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from consult.studies.uploads.model import FileResult, FileVerdict, Upload, UploadState
from server.errors import sentence

_VERDICTS = {
    FileVerdict.KNOWN: "accepted",
    FileVerdict.CONFLICT: "conflict",
    FileVerdict.ASKED: "question",
    FileVerdict.REFUSED: "rejected",
}
_STATES = {
    UploadState.RECEIVING: "received",
    UploadState.RECEIVED: "received",
    UploadState.WORKING: "working",
    UploadState.ASKED: "done",
    UploadState.DONE: "done",
    UploadState.REFUSED: "refused",
}


class View(BaseModel):
    """The parent of every view here."""

    model_config = ConfigDict(frozen=True)


class FileAnswer(View):
    """What became of one file."""

    name: str
    verdict: str
    sentence: str
    image_id: str | None


class UploadResult(View):
    """What became of an upload."""

    id: str
    status: str
    sentence: str
    files: list[FileAnswer]


def of_upload(request: web.Request, upload: Upload) -> UploadResult:
    """What became of an upload, in the reader's language."""
    files = [_of_file(request, result) for result in upload.results]
    is_refused = upload.state is UploadState.REFUSED
    return UploadResult(
        id=upload.id,
        status=_STATES[upload.state],
        sentence=files[0].sentence if is_refused and len(files) == 1 else "",
        files=files,
    )


def _of_file(request: web.Request, result: FileResult) -> FileAnswer:
    verdict = _VERDICTS.get(result.verdict, "accepted")
    prefix = "file-"
    if result.verdict is FileVerdict.STORED:
        prefix = "retake-" if result.has_picture else "no-picture-"
        verdict = "accepted-retake" if result.has_picture and result.code else verdict
    if verdict == "accepted" and not result.has_picture:
        verdict = "accepted-without-picture"
    return FileAnswer(
        name=result.name,
        verdict=verdict,
        sentence=sentence(request, prefix + result.code, result.facts) if result.code else "",
        image_id=result.image_id,
    )

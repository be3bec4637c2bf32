"""The life of an upload: begun, piece by piece, whole, worked on, answered."""

from collections.abc import Collection, Sequence
from datetime import timedelta

from consult.access import policy
from consult.access import service as access
from consult.access.model import ObjectType, Party, Ref
from consult.jobs import service as jobs
from consult.jobs.model import LEASE
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import CaseId, UploadId, new_id
from consult.kernel.work import Entry, Work
from consult.studies.quotas import service as quotas
from consult.studies.uploads import store
from consult.studies.uploads.errors import (
    TooManyUploadsError,
    UploadEmptyError,
    UploadGoneError,
    UploadNotAskedError,
    UploadTooLargeError,
    WrongOffsetError,
)
from consult.studies.uploads.model import (
    NO_PERSON,
    RUNNING,
    FileResult,
    FileVerdict,
    NewUpload,
    Upload,
    UploadLimits,
    UploadState,
)

INGEST_JOB = "ingest_upload"
MOST_LISTED = 400
_AT_ONCE = 200


def open_upload(work: Work, new: NewUpload, *, case_id: CaseId, limits: UploadLimits) -> Upload:
    """Begin an upload for a case of the acting institution; the caller has checked the case.

    A machine's is nobody's case yet (`NO_CASE`): the caller has counted what it has begun.
    A page that asks again is given what it has begun.
    """
    begun = _find_begun(work, new, case_id=case_id)
    if begun is not None:
        return begun
    size_bytes = new.size_bytes
    if size_bytes <= 0:
        raise UploadEmptyError
    if size_bytes > limits.largest_file_bytes:
        raise UploadTooLargeError(limits.largest_file_bytes)
    quotas.require_room(work, work.actor.institution, size_bytes=size_bytes)
    person = work.actor.practitioner_id
    if person is not None:
        running = store.count_open(work.session, practitioner_id=person)
        if running >= limits.open_uploads_a_person:
            raise TooManyUploadsError(limits.open_uploads_a_person)
    upload = Upload(
        id=_free_id(work, new.key),
        institution_id=work.actor.institution,
        practitioner_id=person or NO_PERSON,
        session_id=work.actor.session_id,
        case_id=case_id,
        size_bytes=size_bytes,
        offset_bytes=0,
        state=UploadState.RECEIVING,
        file_name=new.file_name[: limits.longest_name],
        modified_at=new.modified_at,
        reason=None,
        results=(),
        expires_at=work.now + timedelta(hours=limits.expires_hours),
    )
    store.save_new(work, upload)
    access.keep(work, _ref(upload.id), custodian=(Party.INSTITUTION, upload.institution_id))
    codes = {"size_bytes": size_bytes}
    work.journal(Entry("upload.opened", "upload", upload.id, codes=codes, case_id=case_id or None))
    return upload


def _find_begun(work: Work, new: NewUpload, *, case_id: CaseId) -> Upload | None:
    """What the same person has begun under this key for the same case."""
    found = None if new.key is None else store.find_upload(work, new.key)
    if found is None or found.state not in RUNNING:
        return None
    own = (work.actor.practitioner_id, case_id, new.size_bytes)
    return found if own == (found.practitioner_id, found.case_id, found.size_bytes) else None


def _free_id(work: Work, key: str | None) -> UploadId:
    """The id that the page chose, unless something has it or had it."""
    if key is None or access.is_kept(work, _ref(key)):
        return UploadId(new_id())
    return UploadId(key)


def get_upload(work: Work, upload_id: str) -> Upload:
    """An upload of the acting institution that has not been ended; raises NotFoundError."""
    policy.require_own(work, _ref(upload_id))
    upload = store.find_upload(work, upload_id)
    if upload is None or (upload.state is UploadState.RECEIVING and upload.expires_at <= work.now):
        raise UploadGoneError
    return upload


def uploads_by_id(work: Work, ids: Collection[str]) -> dict[str, Upload]:
    """These uploads by id, for a stage that has asked the policy about its own object."""
    found = (store.find_upload(work, each) for each in ids)
    return {each.id: each for each in found if each is not None}


def advance_upload(work: Work, upload_id: str, *, before: int, after: int) -> Upload:
    """Acknowledge bytes that are on the disk; a whole file is queued for work in the same unit.

    Raises WrongOffsetError: somebody else moved the offset.
    """
    upload = get_upload(work, upload_id)
    whole = after == upload.size_bytes
    state = UploadState.RECEIVED if whole else UploadState.RECEIVING
    if not store.save_offset(work.session, upload_id, before=before, after=after, state=state):
        raise WrongOffsetError(upload.offset_bytes)
    if whole:
        queue_work(work, upload_id)
        # the line also wakes whoever runs jobs
        work.journal(Entry("upload.received", "upload", upload_id, case_id=upload.known_case_id))
    return get_upload(work, upload_id)


def end_upload(work: Work, upload_id: str) -> None:
    """Give an upload up (tus 1.0.0, termination); raises UploadGoneError when it is past that."""
    upload = get_upload(work, upload_id)
    if not store.delete_upload(work.session, upload_id):
        raise UploadGoneError
    work.journal(Entry("upload.ended", "upload", upload_id, case_id=upload.known_case_id))


def begin_work(work: Work, upload_id: str) -> Upload | None:
    """Take a whole upload for work; None when it is taken, finished or gone."""
    until = work.now + LEASE
    if not store.lease(work.session, upload_id, now=work.now, until=until):
        return None
    return store.find_upload(work, upload_id)


def renew_work(work: Work, upload_ids: Collection[str]) -> None:
    """These uploads are still being worked on."""
    store.save_leases(work.session, upload_ids, until=work.now + LEASE)


def take_over(work: Work) -> None:
    """Let what a process that is gone was working on be worked on; for the only one of a house."""
    store.release_all(work.session)


def give_back(work: Work, upload_id: str, *, is_last: bool) -> None:
    """The work failed on our side: let it be tried again, or say so after the last attempt."""
    if not is_last:
        store.release(work.session, upload_id)
        return
    upload = store.find_upload(work, upload_id)
    if upload is not None:
        result = FileResult(upload.file_name, FileVerdict.REFUSED, "upload-failed")
        finish_upload(work, upload_id, results=[result])


def finish_upload(work: Work, upload_id: str, *, results: Sequence[FileResult]) -> None:
    """Write what became of every file; a question keeps the bytes until it is answered."""
    verdicts = {result.verdict for result in results}
    state = UploadState.DONE
    if FileVerdict.ASKED in verdicts:
        state = UploadState.ASKED
    elif verdicts <= {FileVerdict.REFUSED}:
        state = UploadState.REFUSED
    if not store.save_results(work, upload_id, state=state, results=results):
        return
    upload = store.find_upload(work, upload_id)
    codes = {"state": state.value, "files": len(results)}
    codes |= {f"{verdict.value}_files": _count(results, verdict) for verdict in FileVerdict}
    case_id = None if upload is None else upload.known_case_id
    work.journal(Entry("upload.finished", "upload", upload_id, codes=codes, case_id=case_id))


def answer_upload(work: Work, upload_id: str, *, reason: str) -> Upload:
    """Say why a file that is known elsewhere belongs here all the same."""
    upload = get_upload(work, upload_id)
    if not store.save_reason(work, upload_id, reason):
        raise UploadNotAskedError
    queue_work(work, upload_id)
    words = {"reason": reason}
    work.journal(
        Entry("upload.answered", "upload", upload_id, words=words, case_id=upload.known_case_id)
    )
    return get_upload(work, upload_id)


def list_running(work: Work, case_id: str) -> list[Upload]:
    """What still may bring an image to this case."""
    return store.list_uploads(work, case_id=case_id, states=RUNNING, limit=MOST_LISTED)


def list_asked(work: Work, case_id: str) -> list[Upload]:
    """Uploads that wait for an answer."""
    return store.list_uploads(work, case_id=case_id, states={UploadState.ASKED}, limit=MOST_LISTED)


def resume_unfinished(work: Work) -> int:
    """At start: queue every whole file that nobody finished, and say how many there were."""
    store.free_all_leases(work.session)
    ids = store.list_ids(work.session, store.is_unfinished(work.now), limit=MOST_LISTED)
    for upload_id in ids:
        queue_work(work, upload_id)
    return len(ids)


def expire_uploads(work: Work) -> int:
    """End uploads whose time ran out; their bytes go with the next sweep."""
    ids = store.list_ids(work.session, store.is_expired(work.now), limit=_AT_ONCE)
    for upload_id in ids:
        upload = store.find_upload(work, upload_id)
        if upload is None:
            raise NotFoundError
        result = FileResult(upload.file_name, FileVerdict.REFUSED, "upload-expired")
        store.save_results(work, upload_id, state=UploadState.REFUSED, results=[result])
        work.journal(Entry("upload.expired", "upload", upload_id, case_id=upload.known_case_id))
    return len(ids)


def needed_in_spool(work: Work, ids: Collection[str]) -> frozenset[str]:
    """Which of these uploads still need their bytes in the spool."""
    return frozenset(store.list_ids(work.session, store.needs_spool(ids), limit=len(ids) + 1))


def queue_work(work: Work, upload_id: str) -> None:
    """Have a whole file worked on."""
    jobs.queue_job(work, INGEST_JOB, {"upload_id": upload_id})


def _count(results: Sequence[FileResult], verdict: FileVerdict) -> int:
    return sum(result.verdict is verdict for result in results)


def _ref(upload_id: str) -> Ref:
    return Ref(ObjectType.UPLOAD, upload_id)

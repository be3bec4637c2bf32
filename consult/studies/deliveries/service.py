"""The life of a camera's picture: begun once, waiting encrypted, taken by a person or let go."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.blobs.store import BlobRef
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import CaseId, PractitionerId
from consult.kernel.work import Entry, Work
from consult.studies.conflicts import drop_blobs
from consult.studies.deliveries import store
from consult.studies.deliveries.errors import DeliveryTakenError
from consult.studies.deliveries.model import Delivery, Fate, NewDelivery, Told, WaitingPicture
from consult.studies.model import Part
from consult.studies.uploads import service as uploads
from consult.studies.uploads import store as upload_store
from consult.studies.uploads.errors import TooManyUploadsError
from consult.studies.uploads.model import (
    NO_CASE,
    NewUpload,
    Upload,
    UploadLimits,
    UploadState,
)

MOST_LISTED: Final = 200
MOST_ASKED: Final = 200
_FATES: Final = {
    UploadState.WAITING: Fate.KEPT,
    UploadState.DONE: Fate.KEPT,
    UploadState.REFUSED: Fate.REFUSED,
}


def open_delivery(work: Work, new: NewDelivery, *, limits: UploadLimits) -> Upload:
    """Begin to take a file of the acting machine, or find it begun or even finished.

    Raises TooManyUploadsError, UploadEmptyError and UploadTooLargeError as for a person.
    """
    machine_id = _machine_of(work)
    known = store.find_by_spool(work.session, machine_id=machine_id, spool_id=new.spool_id)
    upload = None if known is None else upload_store.find_upload(work, known)
    if upload is not None and not _is_dead(work, upload):
        return upload
    if known is not None:
        store.delete_delivery(work.session, known)
    if store.count_open(work.session, machine_id) >= limits.open_uploads_a_person:
        raise TooManyUploadsError(limits.open_uploads_a_person)
    upload = uploads.open_upload(
        work,
        NewUpload(new.file_name, new.size_bytes, new.modified_at),
        case_id=NO_CASE,
        limits=limits,
    )
    delivery = Delivery(
        upload.id,
        upload.institution_id,
        machine_id,
        new.spool_id,
        new.seen_at,
        new.written_at,
    )
    store.save_new(work.session, delivery)
    return upload


def find_delivery(work: Work, upload_id: str) -> Delivery | None:
    """The delivery that an upload is; None where a person sent it."""
    return store.find_delivery(work.session, upload_id)


def require_sender(work: Work, upload_id: str) -> None:
    """A machine reaches what it sent, and nothing else; raises NotFoundError."""
    machine_id = work.actor.machine_id
    if machine_id is None:
        return
    delivery = store.find_delivery(work.session, upload_id)
    if delivery is None or delivery.machine_id != machine_id:
        raise NotFoundError


def tell_fates(work: Work, upload_ids: Collection[str]) -> list[Told]:
    """What became of what the acting machine sent."""
    own = store.own_ids(work.session, machine_id=_machine_of(work), upload_ids=upload_ids)
    return [_tell(work, each, is_own=each in own) for each in upload_ids]


def place(work: Work, upload: Upload, *, case_id: CaseId, person: PractitionerId) -> Upload:
    """What nobody had becomes a case's, in the name of the person who said so."""
    delivery = store.find_delivery(work.session, upload.id)
    machine = None if delivery is None else f"machine:{delivery.machine_id}"
    store.save_case(work.session, upload.id, case_id=case_id, person=person, session_id=machine)
    return upload_store.find_upload(work, upload.id) or upload


def keep_waiting(work: Work, upload_id: str, blobs: Mapping[Part, BlobRef]) -> None:
    """Nobody has said whose it is: its bytes lie encrypted until somebody does.

    Without `blobs` those stay that it waited with before.
    """
    if not store.save_waiting(work.session, upload_id, of=UploadState.WORKING):
        drop_blobs(work, [blob.key for blob in blobs.values()])
        return
    if blobs:
        drop_blobs(work, store.delete_blobs(work.session, upload_id))
        store.save_blobs(work.session, upload_id, blobs)
    work.journal(Entry("delivery.waiting", "upload", upload_id))


def return_unanswered(work: Work) -> None:
    """A question that nobody answered in time loses no picture: it waits again."""
    for upload_id in store.list_unanswered(work.session, now=work.now, limit=MOST_LISTED):
        if store.save_waiting(work.session, upload_id, of=UploadState.ASKED):
            work.journal(Entry("delivery.waiting", "upload", upload_id))


def return_asked(work: Work, upload_id: str) -> bool:
    """What waited before it was asked about waits again; False where it never did."""
    if Part.ORIGINAL not in store.list_blobs(work.session, upload_id):
        return False
    if not store.save_waiting(work.session, upload_id, of=UploadState.ASKED):
        return False
    work.journal(Entry("delivery.waiting", "upload", upload_id))
    return True


def list_waiting(work: Work) -> list[WaitingPicture]:
    """The pictures that wait at the actor's institution, the newest first."""
    found = store.list_waiting(work.session, work.actor.institution, limit=MOST_LISTED)
    return [
        WaitingPicture(delivery, upload_store.open_name(work.vault, name), has_picture)
        for delivery, name, has_picture in found
    ]


def blobs_of(work: Work, upload_id: str) -> Mapping[Part, BlobRef]:
    """The bytes of a picture that waits at the actor's institution; none where it does not."""
    policy.require_own(work, Ref(ObjectType.UPLOAD, upload_id))
    return store.list_blobs(work.session, upload_id)


def take_pictures(work: Work, upload_ids: Sequence[str], *, case_id: CaseId) -> None:
    """Give pictures that wait to a case, in the actor's name; the caller has checked the case.

    Raises DeliveryTakenError: one of them does not wait any more.
    """
    for upload_id in upload_ids:
        policy.require_own(work, Ref(ObjectType.UPLOAD, upload_id))
        upload = uploads.get_upload(work, upload_id)
        given = store.save_case(
            work.session,
            upload.id,
            case_id=case_id,
            person=work.actor.person,
            session_id=work.actor.session_id,
        )
        taken = store.end_waiting(work.session, upload_id, state=UploadState.RECEIVED)
        if not (given and taken):
            raise DeliveryTakenError
        uploads.queue_work(work, upload_id)
        work.journal(Entry("delivery.taken", "upload", upload_id, case_id=case_id))


def discard_picture(work: Work, upload_id: str, *, reason: str) -> None:
    """Let a picture go that is no patient's; raises DeliveryTakenError."""
    policy.require_own(work, Ref(ObjectType.UPLOAD, upload_id))
    if not store.end_waiting(work.session, upload_id, state=UploadState.REFUSED):
        raise DeliveryTakenError
    drop_blobs(work, store.delete_blobs(work.session, upload_id))
    words = {"reason": reason}
    work.journal(Entry("delivery.discarded", "upload", upload_id, words=words))


def forget_blobs(work: Work, upload_id: str) -> None:
    """The picture is filed, or known to be none."""
    drop_blobs(work, store.delete_blobs(work.session, upload_id))


def _machine_of(work: Work) -> str:
    if work.actor.machine_id is None:
        raise NotFoundError
    return work.actor.machine_id


def _is_dead(work: Work, upload: Upload) -> bool:
    """Whether nothing can arrive in it any more, so that the file must begin anew."""
    if upload.is_whole:
        return False
    return upload.state is not UploadState.RECEIVING or upload.expires_at <= work.now


def _tell(work: Work, upload_id: str, *, is_own: bool) -> Told:
    upload = upload_store.find_upload(work, upload_id) if is_own else None
    if upload is None:
        return Told(upload_id, Fate.UNKNOWN)
    fate = _FATES.get(upload.state, Fate.OPEN)
    is_refused = fate is Fate.REFUSED
    return Told(upload_id, fate, upload.results[0].code if is_refused and upload.results else "")

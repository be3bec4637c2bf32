"""Photographs of papers: sent as an upload, filed, shown, and taken away again (U17, U21)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from consult.cases import service as cases
from consult.cases.events import case_entry
from consult.cases.images.service import OPEN_FOR_IMAGES
from consult.cases.model import Case, CaseStatus
from consult.cases.papers import awaited, awaited_store, store
from consult.cases.papers.errors import EnoughPapersError, PaperLinkGoneError, PaperNotTakenError
from consult.cases.papers.model import (
    LinkState,
    Paper,
    PaperKind,
    PaperLink,
    PaperRow,
    PaperRules,
    Purpose,
    Sent,
)
from consult.kernel.errors import NotFoundError, RefusedError
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.studies import ingest
from consult.studies import service as studies
from consult.studies.conflicts import drop_blobs
from consult.studies.model import Instance, Origin, Received, Verdict
from consult.studies.quotas.errors import QuotaFullError
from consult.studies.uploads import service as uploads
from consult.studies.uploads.model import FileResult, FileVerdict, NewUpload, Upload, UploadLimits

MOST_PAPERS: Final = 60
_TOLD_FOR: Final = timedelta(minutes=30)
_LONGEST_REASON: Final = 500


def kinds_for(status: CaseStatus) -> tuple[PaperKind, ...]:
    """What a case takes: its consent at any time, reports for the expert before it is sent."""
    if status is CaseStatus.CANCELLED:
        return ()
    return tuple(PaperKind) if status in OPEN_FOR_IMAGES else (PaperKind.CONSENT,)


def receive(
    work: Work,
    new: NewUpload,
    *,
    purpose: Purpose,
    rules: PaperRules,
    limits: UploadLimits,
) -> Upload:
    """A photograph whose bytes are on the disk goes the way of every upload of the case.

    Raises PaperNotTakenError; of a telephone also EnoughPapersError, and PaperLinkGoneError where
    its link ended while the bytes came.
    """
    case, kind, link = cases.get_own_case(work, purpose.case_id), purpose.kind, purpose.link
    if kind not in kinds_for(case.status) or (link is not None and link.case_id != case.id):
        raise PaperNotTakenError
    if kind is PaperKind.CONSENT and len(list_papers(work, case)) >= MOST_PAPERS:
        raise EnoughPapersError(MOST_PAPERS)
    if link is not None:
        _spend(work, link, rules)
    upload = uploads.open_upload(work, new, case_id=case.id, limits=limits)
    sent = Sent(upload.id, case.id, kind, None if link is None else link.id, work.now)
    store.save_sent(work.session, sent)
    codes = {"upload": upload.id, "kind": kind, "link": sent.link_id}
    work.journal(case_entry(case, "paper.sent", codes=codes))
    return uploads.advance_upload(work, upload.id, before=0, after=new.size_bytes)


def find_sent(work: Work, upload_id: str) -> Sent | None:
    """What an upload is a photograph of, for the intake; None for every other upload."""
    return store.find_sent(work.session, upload_id)


def get_paper_case(work: Work, case_id: str) -> Case:
    """An own case that takes a photograph of its consent; raises PaperNotTakenError."""
    case = cases.get_own_case(work, case_id)
    if PaperKind.CONSENT not in kinds_for(case.status):
        raise PaperNotTakenError
    return case


def finish_upload(
    work: Work, *, upload: Upload, received: Received | None, refusal: str | None
) -> None:
    """File a photographed consent with its case, and write what became of the upload."""
    sent = store.find_sent(work.session, upload.id)
    result = FileResult(upload.file_name, FileVerdict.REFUSED, refusal or "paper-no-picture")
    if received is not None:
        result = _file(work, upload, received, link_id=None if sent is None else sent.link_id)
    if received is not None and result.verdict is FileVerdict.REFUSED:
        drop_blobs(work, [blob.key for blob in received.blobs.values()])
    uploads.finish_upload(work, upload.id, results=[result])


def list_papers(work: Work, case: Case) -> Sequence[Paper]:
    """The photographed consents of a case that the caller has asked policy about."""
    rows = store.list_papers(work.session, case.id, limit=MOST_PAPERS)
    found = studies.list_instances(work, [row.instance_id for row in rows])
    return [Paper(row, found[row.instance_id]) for row in rows if row.instance_id in found]


def remove_paper(work: Work, *, case_id: str, paper_id: str, reason: str) -> None:
    """Take a photograph away that shows something else; its consent is due as before."""
    case = cases.get_own_case(work, case_id)
    row = store.find_paper(work.session, paper_id)
    if row is None or row.case_id != case.id:
        raise NotFoundError
    if not reason.strip():
        raise RefusedError("field-missing", field="reason")
    if len(reason) > _LONGEST_REASON:
        raise RefusedError("field-too-long", field="reason", limit=_LONGEST_REASON)
    if not store.delete_paper(work.session, row.id):
        raise NotFoundError
    if row.consent_id is not None:
        awaited_store.save_lost(work.session, row.consent_id, paper_id=row.id)
    codes = {"paper": row.id, "instance": row.instance_id, "consent": row.consent_id}
    work.journal(case_entry(case, "paper.removed", codes=codes, words={"reason": reason}))


def list_by_link(work: Work, link_id: str, *, limit: int) -> list[tuple[Sent, Upload]]:
    """What came by a link and what became of it; who asks has used the link."""
    return _with_uploads(work, store.list_sent(work.session, link_id=link_id, limit=limit))


def list_lately(work: Work, case: Case) -> list[tuple[Sent, Upload]]:
    """What was sent for a case of late and is on its way still, or was refused."""
    since = work.now - _TOLD_FOR
    sent = store.list_sent_of_case(work.session, case.id, since=since, limit=MOST_PAPERS)
    return _with_uploads(work, sent)


def _with_uploads(work: Work, sent: Sequence[Sent]) -> list[tuple[Sent, Upload]]:
    found = uploads.uploads_by_id(work, [each.upload_id for each in sent])
    return [(each, found[each.upload_id]) for each in sent if each.upload_id in found]


def _spend(work: Work, link: PaperLink, rules: PaperRules) -> None:
    """A link that ended while the bytes came carries nothing more."""
    now_as = store.find_link(work.session, link.id)
    state = LinkState.ENDED if now_as is None else now_as.state(now=work.now)
    if state is not LinkState.USED:
        raise PaperLinkGoneError(state.value)
    if not store.count_photograph(work.session, link.id, most=rules.most_photographs):
        raise EnoughPapersError(rules.most_photographs)


def _file(work: Work, upload: Upload, received: Received, *, link_id: str | None) -> FileResult:
    case = cases.get_own_case(work, upload.case_id)
    refused = _refusal(work, case, received)
    if refused:
        return FileResult(upload.file_name, FileVerdict.REFUSED, refused)
    try:
        found = ingest.ingest(
            work,
            received,
            institution_id=case.institution_id,
            patient_id=case.patient_id,
            case_id=case.id,
        )
    except QuotaFullError as full:
        return FileResult(upload.file_name, FileVerdict.REFUSED, full.code)
    if found.verdict is Verdict.CONFLICT:
        return FileResult(upload.file_name, FileVerdict.CONFLICT, "image-conflict")
    return _keep(work, case, upload, found.instance, link_id=link_id)


def _refusal(work: Work, case: Case, received: Received) -> str:
    """Why this is no photograph of this patient's consent; empty where it may be."""
    if PaperKind.CONSENT not in kinds_for(case.status):
        return "paper-not-taken"
    if received.description.origin is not Origin.PHOTOGRAPH:
        return "paper-no-picture"
    held = studies.list_same_bytes(
        work, institution_id=case.institution_id, sha256=received.source_sha256
    )
    others = {each.known_patient_id for each in held} - {case.patient_id, None}
    return "paper-other-patient" if others else ""


def _keep(
    work: Work, case: Case, upload: Upload, instance: Instance, *, link_id: str | None
) -> FileResult:
    held = store.list_papers(work.session, case.id, limit=MOST_PAPERS)
    if any(each.instance_id == instance.id for each in held):
        return FileResult(upload.file_name, FileVerdict.KNOWN, "image-known", has_picture=True)
    due = awaited.find_due(work, patient_id=case.patient_id, case_id=case.id)
    row = PaperRow(
        id=new_id(),
        case_id=case.id,
        patient_id=case.patient_id,
        instance_id=instance.id,
        consent_id=None if due is None else due.consent_id,
        link_id=link_id,
        added_by=work.actor.person,
        added_at=work.now,
    )
    store.save_paper(work.session, row)
    if due is not None:
        awaited_store.save_arrived(work.session, due.consent_id, paper_id=row.id)
    codes = {
        "paper": row.id,
        "instance": row.instance_id,
        "consent": row.consent_id,
        "link": link_id,
    }
    work.journal(case_entry(case, "paper.added", codes=codes))
    return FileResult(upload.file_name, FileVerdict.STORED, has_picture=True)

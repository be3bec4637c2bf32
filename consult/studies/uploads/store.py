"""The only SQL of uploads."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId, UploadId
from consult.kernel.keys import Vault
from consult.kernel.work import Work
from consult.studies.uploads.model import FileResult, FileVerdict, Upload, UploadState
from consult.studies.uploads.tables import UploadRow

_NAME, _REASON, _RESULTS = "uploads.name", "uploads.reason", "uploads.results"


def save_new(work: Work, upload: Upload) -> None:
    """Write a new upload."""
    work.session.add(
        UploadRow(
            id=upload.id,
            institution_id=upload.institution_id,
            practitioner_id=upload.practitioner_id,
            session_id=upload.session_id,
            case_id=upload.case_id,
            size_bytes=upload.size_bytes,
            offset_bytes=upload.offset_bytes,
            state=upload.state,
            name_sealed=work.vault.seal(upload.file_name, purpose=_NAME),
            modified_at=upload.modified_at,
            created_at=work.now,
            expires_at=upload.expires_at,
        )
    )
    work.session.flush()


def find_upload(work: Work, upload_id: str) -> Upload | None:
    """An upload by its id."""
    row = work.session.get(UploadRow, upload_id, populate_existing=True)
    return None if row is None else _as_upload(work.vault, row)


def list_uploads(
    work: Work, *, case_id: str, states: Collection[UploadState], limit: int
) -> list[Upload]:
    """The uploads of a case in these states, the newest first."""
    statement = (
        select(UploadRow)
        .where(UploadRow.case_id == case_id, UploadRow.state.in_(list(states)))
        .order_by(UploadRow.created_at.desc(), UploadRow.id.desc())
        .limit(limit)
    )
    return [_as_upload(work.vault, row) for row in work.session.scalars(statement)]


def count_open(session: Session, *, practitioner_id: str) -> int:
    """How many uploads this person has begun and not finished."""
    statement = select(func.count()).where(
        UploadRow.practitioner_id == practitioner_id, UploadRow.state == UploadState.RECEIVING
    )
    return session.scalar(statement) or 0


def save_offset(
    session: Session, upload_id: str, *, before: int, after: int, state: UploadState
) -> bool:
    """Move the offset from where it was; False when somebody else moved it."""
    return _change(
        session,
        upload_id,
        UploadRow.state == UploadState.RECEIVING,
        UploadRow.offset_bytes == before,
        offset_bytes=after,
        state=state,
    )


def lease(session: Session, upload_id: str, *, now: datetime, until: datetime) -> bool:
    """Take a received upload for work; False when it is taken or finished."""
    free = or_(
        UploadRow.state == UploadState.RECEIVED,
        (UploadRow.state == UploadState.WORKING) & (UploadRow.leased_until < now),
    )
    return _change(session, upload_id, free, state=UploadState.WORKING, leased_until=until)


def save_leases(session: Session, upload_ids: Collection[str], *, until: datetime) -> None:
    """Lengthen the leases of these uploads."""
    is_taken = UploadRow.state == UploadState.WORKING
    statement = update(UploadRow).where(UploadRow.id.in_(sorted(upload_ids)), is_taken)
    session.execute(statement.values(leased_until=until))


def release(session: Session, upload_id: str) -> None:
    """Let somebody else work on it."""
    is_taken = UploadRow.state == UploadState.WORKING
    _change(session, upload_id, is_taken, state=UploadState.RECEIVED, leased_until=None)


def release_all(session: Session) -> None:
    """Let everything that is worked on be worked on by somebody else."""
    statement = update(UploadRow).where(UploadRow.state == UploadState.WORKING)
    session.execute(statement.values(state=UploadState.RECEIVED, leased_until=None))


def save_results(
    work: Work, upload_id: str, *, state: UploadState, results: Sequence[FileResult]
) -> bool:
    """Write what became of the file; False unless it was being worked on."""
    text = json.dumps([_as_json(result) for result in results], ensure_ascii=False)
    return _change(
        work.session,
        upload_id,
        UploadRow.state.in_([UploadState.WORKING, UploadState.ASKED, UploadState.RECEIVING]),
        state=state,
        results_sealed=work.vault.seal(text, purpose=_RESULTS),
        leased_until=None,
    )


def save_reason(work: Work, upload_id: str, reason: str) -> bool:
    """Write the answer to the question, and let the file be worked on again."""
    return _change(
        work.session,
        upload_id,
        UploadRow.state == UploadState.ASKED,
        state=UploadState.RECEIVED,
        reason_sealed=work.vault.seal(reason, purpose=_REASON),
    )


def delete_upload(session: Session, upload_id: str) -> bool:
    """Forget an upload that brings nothing; False when it is being worked on."""
    row = session.get(UploadRow, upload_id)
    if row is None or row.state in {UploadState.RECEIVED, UploadState.WORKING}:
        return False
    session.delete(row)
    session.flush()
    return True


def list_ids(session: Session, *clauses: ColumnElement[bool], limit: int) -> Sequence[str]:
    """The ids of uploads of which these clauses hold, the oldest first."""
    statement = select(UploadRow.id).where(*clauses).order_by(UploadRow.created_at, UploadRow.id)
    return session.scalars(statement.limit(limit)).all()


def is_expired(now: datetime) -> ColumnElement[bool]:
    """Uploads whose time ran out while they waited for a person or for bytes."""
    waiting = [UploadState.RECEIVING, UploadState.ASKED]
    return UploadRow.state.in_(waiting) & (UploadRow.expires_at <= now)


def is_unfinished(now: datetime) -> ColumnElement[bool]:
    """Uploads that are whole and that nobody works on."""
    return or_(
        UploadRow.state == UploadState.RECEIVED,
        (UploadRow.state == UploadState.WORKING) & (UploadRow.leased_until < now),
    )


def needs_spool(ids: Collection[str]) -> ColumnElement[bool]:
    """Which of these uploads still need their bytes."""
    over = [UploadState.DONE, UploadState.REFUSED, UploadState.WAITING]
    return UploadRow.id.in_(sorted(ids)) & UploadRow.state.not_in(over)


def free_all_leases(session: Session) -> None:
    """At start nobody works on anything."""
    session.execute(
        update(UploadRow)
        .where(UploadRow.state == UploadState.WORKING)
        .values(state=UploadState.RECEIVED, leased_until=None)
    )


def _change(session: Session, upload_id: str, *clauses: ColumnElement[bool], **values: Any) -> bool:
    statement = (
        update(UploadRow)
        .where(UploadRow.id == upload_id, *clauses)
        .values(**values)
        .returning(UploadRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def open_name(vault: Vault, sealed: bytes) -> str:
    """What a file was called."""
    return vault.open(sealed, purpose=_NAME)


def _as_upload(vault: Vault, row: UploadRow) -> Upload:
    reason = row.reason_sealed
    return Upload(
        id=UploadId(row.id),
        institution_id=InstitutionId(row.institution_id),
        practitioner_id=PractitionerId(row.practitioner_id),
        session_id=row.session_id,
        case_id=CaseId(row.case_id),
        size_bytes=row.size_bytes,
        offset_bytes=row.offset_bytes,
        state=row.state,
        file_name=open_name(vault, row.name_sealed),
        modified_at=row.modified_at,
        reason=None if reason is None else vault.open(reason, purpose=_REASON),
        results=_results(vault, row.results_sealed),
        expires_at=row.expires_at,
    )


def _results(vault: Vault, sealed: bytes | None) -> tuple[FileResult, ...]:
    if sealed is None:
        return ()
    return tuple(
        FileResult(
            name=each["name"],
            verdict=FileVerdict(each["verdict"]),
            code=each["code"],
            facts=each["facts"],
            image_id=each["image_id"],
            has_picture=each["has_picture"],
        )
        for each in json.loads(vault.open(sealed, purpose=_RESULTS))
    )


def _as_json(result: FileResult) -> dict[str, object]:
    return {
        "name": result.name,
        "verdict": result.verdict,
        "code": result.code,
        "facts": dict(result.facts),
        "image_id": result.image_id,
        "has_picture": result.has_picture,
    }

"""The only SQL of reports."""

from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.db.reading import once
from consult.kernel.ids import (
    CaseId,
    InstanceId,
    InstitutionId,
    PatientId,
    PractitionerId,
    ReportId,
)
from consult.reports.second.tables import HeldRow
from consult.reports.tables import (
    DecisionRow,
    DraftRow,
    LookRow,
    ReceiptRow,
    ReportMarksRow,
    ReportRow,
)
from consult.reports.versions import Decision, Draft, DraftNote, Look, Receipt, Report

MOST_IMAGES = 1000
_MOST_VERSIONS = 100


def find_draft(session: Session, case_id: str, author_id: str) -> Draft | None:
    """One author's draft on the case."""
    row = session.get(DraftRow, (case_id, author_id), populate_existing=True)
    return None if row is None else _draft(row)


def list_drafts(session: Session, case_ids: Collection[str]) -> list[DraftNote]:
    """Who has a draft on which of these cases, the newest first."""
    statement = (
        select(DraftRow.case_id, DraftRow.author_id, DraftRow.saved_at)
        .where(DraftRow.case_id.in_(sorted(case_ids)))
        .order_by(DraftRow.saved_at.desc(), DraftRow.case_id, DraftRow.author_id)
    )
    return [
        DraftNote(CaseId(case_id), PractitionerId(author_id), saved_at)
        for case_id, author_id, saved_at in session.execute(statement)
    ]


def save_draft(session: Session, draft: Draft) -> bool:
    """Write the draft over the revision before it; False when that is not the stored one."""
    if draft.revision == 1:
        return _add_draft(session, draft)
    statement = (
        update(DraftRow)
        .where(
            DraftRow.case_id == draft.case_id,
            DraftRow.author_id == draft.author_id,
            DraftRow.revision == draft.revision - 1,
        )
        .values(content=dict(draft.content), revision=draft.revision, saved_at=draft.saved_at)
        .returning(DraftRow.case_id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def delete_draft(session: Session, case_id: str, author_id: str) -> None:
    """Forget a draft that was signed."""
    session.execute(
        delete(DraftRow).where(DraftRow.case_id == case_id, DraftRow.author_id == author_id)
    )


def save_report(session: Session, row: ReportRow) -> Report:
    """Write a signed version."""
    session.add(row)
    session.flush()
    return report_of(row)


def keep_marks(session: Session, report_id: str, case_id: str, content: bytes) -> None:
    """Write the sheet of marks as it was signed; it never changes."""
    session.add(ReportMarksRow(report_id=report_id, case_id=case_id, content=content))
    session.flush()


def find_report(session: Session, report_id: str) -> Report | None:
    """One signed version."""
    row = session.get(ReportRow, report_id)
    return None if row is None else report_of(row)


def find_by_hash_head(session: Session, head: str) -> Report | None:
    """The version whose hash begins so; None where none does, or, beyond all odds, two do."""
    statement = select(ReportRow).where(ReportRow.sha256 >= head, ReportRow.sha256 < f"{head}g")
    found = list(session.scalars(statement.limit(2)))
    return report_of(found[0]) if len(found) == 1 else None


def list_signed(session: Session, *, after: str, limit: int) -> list[Report]:
    """Every signed version in the order of its id, for a copy of what the codes tell."""
    statement = select(ReportRow).where(ReportRow.id > after).order_by(ReportRow.id).limit(limit)
    return [report_of(row) for row in session.scalars(statement)]


def list_of_case(session: Session, case_id: str) -> list[Report]:
    """The signed versions of a case, the newest first."""

    def find() -> tuple[Report, ...]:
        statement = select(ReportRow).where(ReportRow.case_id == case_id)
        newest = statement.order_by(ReportRow.version.desc()).limit(_MOST_VERSIONS)
        return tuple(report_of(row) for row in session.scalars(newest))

    return list(once(session, ("versions", case_id), find))


def open_look(session: Session, *, case_id: str, instance_id: str, reader_id: str) -> LookRow:
    """The row of one reader and one picture, held until the unit ends; new where there is none."""
    values = {"case_id": case_id, "instance_id": instance_id, "reader_id": reader_id}
    known = select(LookRow).filter_by(**values).with_for_update()
    row = session.scalar(known)
    if row is None:
        try:
            with session.begin_nested():
                session.add(LookRow(**values, seen_at=None, left_out_reason=""))
        except IntegrityError:
            session.expire_all()  # the same look was noted at the same moment
        row = session.scalars(known).one()
    return row


def save_look(session: Session, row: LookRow) -> Look:
    """Write what was seen."""
    session.flush()
    return _look(row)


def looks_of(session: Session, case_id: str, reader_id: str) -> dict[str, Look]:
    """One reader's looks at the pictures of a case, by instance."""
    statement = select(LookRow).where(LookRow.case_id == case_id, LookRow.reader_id == reader_id)
    rows = session.scalars(statement.order_by(LookRow.instance_id).limit(MOST_IMAGES))
    return {row.instance_id: _look(row) for row in rows}


def save_receipt(session: Session, row: ReceiptRow) -> bool:
    """Write that a version was received; False when somebody was first."""
    return _add(session, row)


def find_receipt(session: Session, report_id: str) -> Receipt | None:
    """Who received this version, if anybody."""
    row = session.get(ReceiptRow, report_id)
    if row is None:
        return None
    return Receipt(ReportId(row.report_id), PractitionerId(row.practitioner_id), row.at)


def save_decision(session: Session, row: DecisionRow) -> Decision | None:
    """Write the decision on a version; None when somebody was first."""
    return _decision(row) if _add(session, row) else None


def list_decisions(session: Session, case_id: str) -> list[Decision]:
    """The decisions on a case, the newest first."""
    statement = select(DecisionRow).where(DecisionRow.case_id == case_id)
    statement = statement.order_by(DecisionRow.id.desc()).limit(100)
    return [_decision(row) for row in session.scalars(statement)]


def _add_draft(session: Session, draft: Draft) -> bool:
    return _add(
        session,
        DraftRow(
            case_id=draft.case_id,
            author_id=draft.author_id,
            content=dict(draft.content),
            revision=draft.revision,
            saved_at=draft.saved_at,
        ),
    )


def _add(session: Session, row: DraftRow | ReceiptRow | DecisionRow) -> bool:
    """Whether the row went in; the keys settle who is first."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def _look(row: LookRow) -> Look:
    return Look(InstanceId(row.instance_id), row.seen_at, row.left_out_reason)


def _draft(row: DraftRow) -> Draft:
    return Draft(
        case_id=CaseId(row.case_id),
        author_id=PractitionerId(row.author_id),
        content=row.content,
        revision=row.revision,
        saved_at=row.saved_at,
    )


def report_of(row: ReportRow | HeldRow) -> Report:
    """A signed version as it stands in the row of a report, or of a reading that is held."""
    return Report(
        id=ReportId(row.id),
        case_id=CaseId(row.case_id),
        patient_id=PatientId(row.patient_id),
        institution_id=InstitutionId(row.institution_id),
        version=row.version,
        status=row.status,
        service_type=row.service_type,
        author_id=PractitionerId(row.author_id),
        signed_at=row.signed_at,
        canonical=row.canonical,
        sha256=row.sha256,
        shown_sha256=row.shown_sha256,
        signature=row.signature,
        seal_id=row.seal_id,
    )


def _decision(row: DecisionRow) -> Decision:
    return Decision(
        id=row.id,
        case_id=CaseId(row.case_id),
        report_id=ReportId(row.report_id),
        practitioner_id=PractitionerId(row.practitioner_id),
        choice=row.choice,
        reason=row.reason,
        next_step=row.next_step,
        note=row.note,
        decided_at=row.decided_at,
    )

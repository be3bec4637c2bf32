"""The only SQL of reports."""

from collections.abc import Collection

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.kernel.ids import CaseId, InstitutionId, PatientId, PractitionerId, ReportId
from consult.reports.tables import DecisionRow, DraftRow, ReceiptRow, ReportRow
from consult.reports.versions import Decision, Draft, Receipt, Report


def find_draft(session: Session, case_id: str, author_id: str) -> Draft | None:
    """One author's draft on the case."""
    row = session.get(DraftRow, (case_id, author_id), populate_existing=True)
    return None if row is None else _draft(row)


def list_drafts(session: Session, case_ids: Collection[str]) -> list[Draft]:
    """Every draft on these cases, the newest first."""
    statement = select(DraftRow).where(DraftRow.case_id.in_(sorted(case_ids)))
    statement = statement.order_by(DraftRow.saved_at.desc(), DraftRow.case_id, DraftRow.author_id)
    return [_draft(row) for row in session.scalars(statement)]


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
    return _report(row)


def find_report(session: Session, report_id: str) -> Report | None:
    """One signed version."""
    row = session.get(ReportRow, report_id)
    return None if row is None else _report(row)


def list_of_case(session: Session, case_id: str) -> list[Report]:
    """The signed versions of a case, the newest first."""
    statement = (
        select(ReportRow).where(ReportRow.case_id == case_id).order_by(ReportRow.version.desc())
    )
    return [_report(row) for row in session.scalars(statement.limit(100))]


def list_signed_by(session: Session, author_id: str, *, limit: int) -> list[Report]:
    """What this person signed, the newest first."""
    statement = (
        select(ReportRow)
        .where(ReportRow.author_id == author_id)
        .order_by(ReportRow.id.desc())
        .limit(limit)
    )
    return [_report(row) for row in session.scalars(statement)]


def save_receipt(session: Session, row: ReceiptRow) -> None:
    """Write that a version was received."""
    session.add(row)
    session.flush()


def find_receipt(session: Session, report_id: str) -> Receipt | None:
    """Who received this version, if anybody."""
    row = session.get(ReceiptRow, report_id)
    if row is None:
        return None
    return Receipt(ReportId(row.report_id), PractitionerId(row.practitioner_id), row.at)


def save_decision(session: Session, row: DecisionRow) -> Decision:
    """Write the decision on a version."""
    session.add(row)
    session.flush()
    return _decision(row)


def list_decisions(session: Session, case_id: str) -> list[Decision]:
    """The decisions on a case, the newest first."""
    statement = select(DecisionRow).where(DecisionRow.case_id == case_id)
    statement = statement.order_by(DecisionRow.id.desc()).limit(100)
    return [_decision(row) for row in session.scalars(statement)]


def _add_draft(session: Session, draft: Draft) -> bool:
    try:
        with session.begin_nested():
            session.add(
                DraftRow(
                    case_id=draft.case_id,
                    author_id=draft.author_id,
                    content=dict(draft.content),
                    revision=draft.revision,
                    saved_at=draft.saved_at,
                )
            )
    except IntegrityError:
        return False
    return True


def _draft(row: DraftRow) -> Draft:
    return Draft(
        case_id=CaseId(row.case_id),
        author_id=PractitionerId(row.author_id),
        content=row.content,
        revision=row.revision,
        saved_at=row.saved_at,
    )


def _report(row: ReportRow) -> Report:
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

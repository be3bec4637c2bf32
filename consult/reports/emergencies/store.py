"""The only SQL of emergencies."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, select, update

from consult.cases.tables import CaseRow
from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.kernel.work import Work
from consult.reports.emergencies.model import Emergency
from consult.reports.emergencies.tables import EmergencyRow

LONGEST_LIST = 200
_PURPOSE = "emergency reason"


def find_case_id(work: Work, number: str) -> str | None:
    """The case with this number, whosever it is."""
    return work.session.scalar(select(CaseRow.id).where(CaseRow.number == number))


def save_emergency(work: Work, row: EmergencyRow) -> None:
    """Write an opening."""
    work.session.add(row)
    work.session.flush()


def seal_reason(work: Work, reason: str) -> bytes:
    """The reason as it is kept."""
    return work.vault.seal(reason, purpose=_PURPOSE)


def reasons_of(work: Work, ids: Collection[str]) -> dict[str, str]:
    """Why these were opened."""
    if not ids:
        return {}
    statement = select(EmergencyRow.id, EmergencyRow.reason).where(EmergencyRow.id.in_(ids))
    return {
        found: work.vault.open(reason, purpose=_PURPOSE)
        for found, reason in work.session.execute(statement)
    }


def find_institution(work: Work, emergency_id: str) -> str | None:
    """Whose case was opened."""
    row = work.session.get(EmergencyRow, emergency_id)
    return None if row is None else row.institution_id


def find_opener(work: Work, emergency_id: str) -> str | None:
    """Who opened it."""
    row = work.session.get(EmergencyRow, emergency_id)
    return None if row is None else row.practitioner_id


def list_live(work: Work, practitioner_id: str) -> list[Emergency]:
    """What is open to this person now."""
    statement = _select().where(
        EmergencyRow.practitioner_id == practitioner_id, EmergencyRow.until > work.now
    )
    return _read(work, statement)


def list_of_institutions(work: Work, institutions: Select[str] | None) -> list[Emergency]:
    """Openings of these institutions' cases, or of all, the newest first."""
    statement = _select()
    if institutions is not None:
        statement = statement.where(EmergencyRow.institution_id.in_(institutions))
    return _read(work, statement)


def save_review(work: Work, emergency_id: str, *, by: str, verdict: str, at: datetime) -> bool:
    """Write a review where there was none; False where there was."""
    statement = (
        update(EmergencyRow)
        .where(EmergencyRow.id == emergency_id, EmergencyRow.reviewed_at.is_(None))
        .values(reviewed_at=at, reviewed_by_id=by, verdict=verdict)
        .returning(EmergencyRow.id)
    )
    return work.session.scalar(statement) is not None


def _select() -> Select[EmergencyRow, str]:
    return (
        select(EmergencyRow, CaseRow.number)
        .join(CaseRow, CaseRow.id == EmergencyRow.case_id)
        .order_by(EmergencyRow.opened_at.desc(), EmergencyRow.id.desc())
        .limit(LONGEST_LIST)
    )


def _read(work: Work, statement: Select[EmergencyRow, str]) -> list[Emergency]:
    return [_emergency(work, row, number) for row, number in work.session.execute(statement)]


def _emergency(work: Work, row: EmergencyRow, number: str) -> Emergency:
    reviewer = row.reviewed_by_id
    return Emergency(
        id=row.id,
        case_id=CaseId(row.case_id),
        case_number=number,
        institution_id=InstitutionId(row.institution_id),
        practitioner_id=PractitionerId(row.practitioner_id),
        acting_institution_id=InstitutionId(row.acting_institution_id),
        reason=work.vault.open(row.reason, purpose=_PURPOSE),
        opened_at=row.opened_at,
        until=row.until,
        reviewed_at=row.reviewed_at,
        reviewed_by_id=None if reviewer is None else PractitionerId(reviewer),
        verdict=row.verdict,
    )

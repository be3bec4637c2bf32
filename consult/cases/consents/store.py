"""The only SQL of consents; the signer's document number is sealed on the way in."""

from sqlalchemy import Select, select, update

from consult.cases.consent import Consent
from consult.cases.consent_rules import ConsentItem
from consult.cases.consents.errors import ConsentAlreadyWithdrawnError
from consult.cases.consents.model import RecordedConsent
from consult.cases.consents.tables import ConsentRow
from consult.kernel.ids import CaseId, PatientId, PractitionerId
from consult.kernel.work import Work

_DOCUMENT = "consent-signer-document"
_FRESH = {"populate_existing": True}
_PLAIN = (
    *("scope", "signer", "method", "signed_on", "valid_until_on", "cost_fen", "relation"),
    *("signer_name", "power_of_attorney", "witness_name", "adult_reason"),
)


def save_new(work: Work, recorded: RecordedConsent) -> None:
    """Write a new consent."""
    consent = recorded.consent
    document = consent.signer_document
    row = ConsentRow(
        id=recorded.id,
        patient_id=recorded.patient_id,
        case_id=recorded.case_id,
        items=sorted(consent.items),
        signer_document_sealed=work.vault.seal(document, purpose=_DOCUMENT) if document else None,
        text_version=recorded.text_version,
        recorded_at=recorded.recorded_at,
        recorded_by_id=recorded.recorded_by_id,
        **{name: getattr(consent, name) for name in _PLAIN},
    )
    work.session.add(row)
    work.session.flush()


def save_withdrawal(work: Work, consent_id: str, *, reason: str) -> None:
    """Write the withdrawal of a consent that still held."""
    statement = (
        update(ConsentRow)
        .where(ConsentRow.id == consent_id, ConsentRow.withdrawn_at.is_(None))
        .values(withdrawn_at=work.now, withdrawn_reason=reason)
        .returning(ConsentRow.id)
        .execution_options(synchronize_session=False)
    )
    if work.session.scalar(statement) is None:
        raise ConsentAlreadyWithdrawnError(consent_id)
    work.session.expire_all()


def hold(work: Work, patient_id: str) -> None:
    """Lock a patient's consents against a withdrawal; SQLite has one writer and needs no lock."""
    work.session.scalars(
        _rows_of(patient_id).with_for_update(read=True), execution_options=_FRESH
    ).all()


def hold_for_withdrawal(work: Work, patient_id: str) -> None:
    """Lock them against whoever rests on one, and against another withdrawal."""
    work.session.scalars(_rows_of(patient_id).with_for_update(), execution_options=_FRESH).all()


def _rows_of(patient_id: str) -> Select[ConsentRow]:
    """Everybody locks in the same order."""
    return (
        select(ConsentRow).where(ConsentRow.patient_id == patient_id).order_by(ConsentRow.id.desc())
    )


def find_consent(work: Work, consent_id: str) -> RecordedConsent | None:
    """The consent with this id."""
    row = work.session.get(ConsentRow, consent_id)
    return None if row is None else _recorded(work, row)


def list_of_patient(work: Work, patient_id: str, *, limit: int) -> list[RecordedConsent]:
    """A patient's consents, newest first."""
    statement = _rows_of(patient_id).limit(limit)
    return [_recorded(work, row) for row in work.session.scalars(statement)]


def _recorded(work: Work, row: ConsentRow) -> RecordedConsent:
    sealed = row.signer_document_sealed
    return RecordedConsent(
        id=row.id,
        patient_id=PatientId(row.patient_id),
        case_id=None if row.case_id is None else CaseId(row.case_id),
        consent=Consent(
            items=frozenset(ConsentItem(item) for item in row.items),
            signer_document=work.vault.open(sealed, purpose=_DOCUMENT) if sealed else "",
            **{name: getattr(row, name) for name in _PLAIN},
        ),
        text_version=row.text_version,
        recorded_at=row.recorded_at,
        recorded_by_id=PractitionerId(row.recorded_by_id),
        withdrawn_at=row.withdrawn_at,
        withdrawn_reason=row.withdrawn_reason,
    )

"""What could not be photographed, and why (无法拍摄)."""

from consult.cases.images import question_store as store
from consult.cases.images.tables import CaptureExceptionRow
from consult.cases.model import Case
from consult.cases.protocol import CaptureException, FieldCode, NoImageReason
from consult.kernel.eyes import Eye
from consult.kernel.work import Entry, Work

_WHOLE_EYE = ""


def list_excuses(work: Work, case_id: str) -> list[CaptureException]:
    """What was excused in this case."""
    return [
        CaptureException(
            row.eye, None if row.field == _WHOLE_EYE else FieldCode(row.field), row.reason
        )
        for row in store.list_excuses(work.session, case_id)
    ]


def save_excuse(work: Work, case: Case, excuse: CaptureException) -> None:
    """Write why a field, or a whole eye, could not be photographed."""
    store.delete_excuse(work.session, case_id=case.id, eye=excuse.eye, field=_column(excuse.field))
    store.save_row(
        work.session,
        CaptureExceptionRow(
            case_id=case.id,
            eye=excuse.eye,
            field=_column(excuse.field),
            reason=excuse.reason,
            said_by=work.actor.practitioner_id,
            said_at=work.now,
        ),
    )
    _journal(work, case, "image.excused", excuse.eye, excuse.field, excuse.reason)


def drop_excuse(work: Work, case: Case, *, eye: Eye, field: FieldCode | None) -> None:
    """The photograph can be taken after all."""
    store.delete_excuse(work.session, case_id=case.id, eye=eye, field=_column(field))
    _journal(work, case, "image.excuse_dropped", eye, field, None)


def _column(field: FieldCode | None) -> str:
    return _WHOLE_EYE if field is None else field.value


def _journal(
    work: Work,
    case: Case,
    kind: str,
    eye: Eye,
    field: FieldCode | None,
    reason: NoImageReason | None,
) -> None:
    codes = {"eye": eye.value, "field": _column(field), "why": reason}
    work.journal(
        Entry(kind, "case", case.id, codes=codes, case_id=case.id, patient_id=case.patient_id)
    )

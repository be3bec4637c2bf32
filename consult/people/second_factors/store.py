"""The only SQL of second factors; of two uses of one code the statement lets one through."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import new_id
from consult.people.second_factors.tables import RecoveryCodeRow, SecondFactorRow

_NO_STEP = 0


def find_row(session: Session, practitioner_id: str) -> SecondFactorRow | None:
    """What is kept of a person's second factor."""
    return session.get(SecondFactorRow, practitioner_id, populate_existing=True)


def save_pending(session: Session, practitioner_id: str, secret: bytes, *, at: datetime) -> None:
    """Write the secret of an app that is being set up."""
    row = find_row(session, practitioner_id)
    if row is None:
        row = SecondFactorRow(practitioner_id=practitioner_id, last_step=_NO_STEP)
        session.add(row)
    row.pending, row.pending_at = secret, at
    session.flush()


def save_set_up(session: Session, practitioner_id: str, *, step: int, at: datetime) -> None:
    """The app that was being set up is the one that counts."""
    session.execute(
        update(SecondFactorRow)
        .where(SecondFactorRow.practitioner_id == practitioner_id)
        .values(
            secret=SecondFactorRow.pending,
            set_up_at=at,
            last_step=step,
            pending=None,
            pending_at=None,
        )
    )


def save_step(session: Session, practitioner_id: str, step: int) -> bool:
    """Use up this time step; False where it, or a later one, was used already."""
    statement = (
        update(SecondFactorRow)
        .where(SecondFactorRow.practitioner_id == practitioner_id, SecondFactorRow.last_step < step)
        .values(last_step=step)
        .returning(SecondFactorRow.practitioner_id)
    )
    return session.scalar(statement) is not None


def replace_codes(session: Session, practitioner_id: str, hashes: Iterable[str]) -> None:
    """Write new recovery codes in place of all that were."""
    session.execute(
        delete(RecoveryCodeRow).where(RecoveryCodeRow.practitioner_id == practitioner_id)
    )
    session.add_all(
        RecoveryCodeRow(
            id=new_id(), practitioner_id=practitioner_id, code_hash=code_hash, used_at=None
        )
        for code_hash in hashes
    )
    session.flush()


def use_code(session: Session, practitioner_id: str, code_hash: str, *, at: datetime) -> bool:
    """Use up a recovery code; False where there is none of this hash that was not used."""
    statement = (
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.practitioner_id == practitioner_id,
            RecoveryCodeRow.code_hash == code_hash,
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=at)
        .returning(RecoveryCodeRow.id)
    )
    return session.scalar(statement) is not None


def count_codes(session: Session, practitioner_id: str) -> int:
    """How many recovery codes are left."""
    statement = select(func.count()).where(
        RecoveryCodeRow.practitioner_id == practitioner_id, RecoveryCodeRow.used_at.is_(None)
    )
    return session.scalar(statement) or 0


def delete_all(session: Session, practitioner_id: str) -> bool:
    """Forget a person's second factor; False where there was none."""
    session.execute(
        delete(RecoveryCodeRow).where(RecoveryCodeRow.practitioner_id == practitioner_id)
    )
    statement = (
        delete(SecondFactorRow)
        .where(SecondFactorRow.practitioner_id == practitioner_id)
        .returning(SecondFactorRow.practitioner_id)
    )
    return session.scalar(statement) is not None

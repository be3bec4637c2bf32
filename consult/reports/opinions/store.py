"""The only SQL of signed opinions."""

import json
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.kernel.ids import CaseId, InstitutionId, PractitionerId
from consult.people.practitioners.model import PersonName
from consult.reports.opinions.model import MOST_OPINIONS, Opinion
from consult.reports.opinions.tables import OpinionRow

_MOST_OF_CASE: Final = 50 * MOST_OPINIONS


def save_opinion(session: Session, row: OpinionRow) -> bool:
    """Write a signed wording; False where the same person signed one of this number first."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def list_of_room(session: Session, room_id: str) -> list[Opinion]:
    """Every wording of a call, as they were signed."""
    statement = select(OpinionRow).where(OpinionRow.room_id == room_id)
    ordered = statement.order_by(OpinionRow.signed_at, OpinionRow.id).limit(MOST_OPINIONS)
    return [opinion_of(row) for row in session.scalars(ordered)]


def list_of_case(session: Session, case_id: str) -> list[Opinion]:
    """Every wording of every call of a case, as they were signed."""
    statement = select(OpinionRow).where(OpinionRow.case_id == case_id)
    ordered = statement.order_by(OpinionRow.signed_at, OpinionRow.id).limit(_MOST_OF_CASE)
    return [opinion_of(row) for row in session.scalars(ordered)]


def opinion_of(row: OpinionRow) -> Opinion:
    """What a row holds, with the words that were signed."""
    told = json.loads(row.content)
    author = told["author"]
    return Opinion(
        id=row.id,
        case_id=CaseId(row.case_id),
        room_id=row.room_id,
        number=row.number,
        amends_id=row.amends_id,
        author_id=PractitionerId(row.author_id),
        author=PersonName(author["name"], author["name_en"], author["title"]),
        institution_id=InstitutionId(row.institution_id),
        signed_at=row.signed_at,
        text=told["text"],
        content=row.content,
        sha256=row.sha256,
        signature=row.signature,
        seal_id=row.seal_id,
    )

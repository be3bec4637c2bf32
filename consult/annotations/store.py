"""The only SQL of sheets."""

from sqlalchemy import Select, and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from consult.annotations.content import drawing_of, hash_of
from consult.annotations.model import Revision, Sheet
from consult.annotations.tables import RevisionRow, SheetRow
from consult.kernel.ids import CaseId, PractitionerId

MOST_REVISIONS = 50
"""How many revisions of a sheet are kept, the newest of them."""
_MOST_READERS = 50


def find_sheet(session: Session, case_id: str, reader_id: str) -> Sheet | None:
    """One reader's current sheet."""
    statement = _current().where(SheetRow.case_id == case_id, SheetRow.reader_id == reader_id)
    row = session.execute(statement).one_or_none()
    return None if row is None else _sheet(row[0], row[1])


def find_revision(session: Session, case_id: str, reader_id: str, number: int) -> Sheet | None:
    """One reader's sheet as it was in one saving that is still kept."""
    row = session.get(RevisionRow, (case_id, reader_id, number))
    if row is None:
        return None
    return Sheet(
        case_id=CaseId(row.case_id),
        reader_id=PractitionerId(row.reader_id),
        revision=row.revision,
        saved_at=row.saved_at,
        sha256=hash_of(row.content),
        content=row.content,
        drawing=drawing_of(row.content),
    )


def list_revisions(session: Session, case_id: str, reader_id: str) -> list[Revision]:
    """The savings of one reader's sheet that are kept, the newest first."""
    statement = (
        select(RevisionRow.revision, RevisionRow.saved_at)
        .where(RevisionRow.case_id == case_id, RevisionRow.reader_id == reader_id)
        .order_by(RevisionRow.revision.desc())
        .limit(MOST_REVISIONS)
    )
    return [Revision(number, saved_at) for number, saved_at in session.execute(statement)]


def list_sheets(session: Session, case_id: str) -> list[Sheet]:
    """Every reader's current sheet on a case, the oldest reader first."""
    statement = _current().where(SheetRow.case_id == case_id).order_by(SheetRow.reader_id)
    return [_sheet(row[0], row[1]) for row in session.execute(statement.limit(_MOST_READERS))]


def save_sheet(session: Session, sheet: Sheet) -> bool:
    """Write a revision over the one before it; False when that is not the current one."""
    if not (_begin(session, sheet) if sheet.revision == 1 else _move(session, sheet)):
        return False
    row = {
        "case_id": sheet.case_id,
        "reader_id": sheet.reader_id,
        "revision": sheet.revision,
        "saved_at": sheet.saved_at,
        "content": sheet.content,
    }
    session.execute(insert(RevisionRow), row)
    session.execute(
        delete(RevisionRow).where(
            RevisionRow.case_id == sheet.case_id,
            RevisionRow.reader_id == sheet.reader_id,
            RevisionRow.revision <= sheet.revision - MOST_REVISIONS,
        )
    )
    return True


def _begin(session: Session, sheet: Sheet) -> bool:
    values = {
        "case_id": sheet.case_id,
        "reader_id": sheet.reader_id,
        "revision": sheet.revision,
        "saved_at": sheet.saved_at,
        "sha256": sheet.sha256,
    }
    try:
        with session.begin_nested():
            session.execute(insert(SheetRow), values)
    except IntegrityError:
        return False
    return True


def _move(session: Session, sheet: Sheet) -> bool:
    statement = (
        update(SheetRow)
        .where(
            SheetRow.case_id == sheet.case_id,
            SheetRow.reader_id == sheet.reader_id,
            SheetRow.revision == sheet.revision - 1,
        )
        .values(revision=sheet.revision, saved_at=sheet.saved_at, sha256=sheet.sha256)
        .returning(SheetRow.case_id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def _current() -> Select[SheetRow, bytes]:
    same = and_(
        RevisionRow.case_id == SheetRow.case_id,
        RevisionRow.reader_id == SheetRow.reader_id,
        RevisionRow.revision == SheetRow.revision,
    )
    statement = select(SheetRow, RevisionRow.content).join(RevisionRow, same)
    return statement.execution_options(populate_existing=True)


def _sheet(row: SheetRow, content: bytes) -> Sheet:
    return Sheet(
        case_id=CaseId(row.case_id),
        reader_id=PractitionerId(row.reader_id),
        revision=row.revision,
        saved_at=row.saved_at,
        sha256=row.sha256,
        content=content,
        drawing=drawing_of(content),
    )

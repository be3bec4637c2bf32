"""The only SQL of phrases."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from consult.kernel.ids import PractitionerId
from consult.reports.phrases.model import MOST_PHRASES, Phrase
from consult.reports.phrases.tables import PhraseRow


def list_phrases(session: Session, owner_id: str) -> list[Phrase]:
    """All of one owner, part by part, the newest first."""
    statement = select(PhraseRow).where(PhraseRow.owner_id == owner_id)
    order = (PhraseRow.part, PhraseRow.changed_at.desc(), PhraseRow.id)
    return [_phrase(row) for row in session.scalars(statement.order_by(*order).limit(MOST_PHRASES))]


def count_phrases(session: Session, owner_id: str) -> int:
    """How many an owner has."""
    statement = select(func.count()).select_from(PhraseRow).where(PhraseRow.owner_id == owner_id)
    return session.scalar(statement) or 0


def find_phrase(session: Session, phrase_id: str, *, owner_id: str) -> Phrase | None:
    """One phrase of its owner's; another's is not there."""
    row = session.get(PhraseRow, phrase_id, populate_existing=True)
    return _phrase(row) if row is not None and row.owner_id == owner_id else None


def add_phrase(session: Session, phrase: Phrase) -> None:
    """Write a new phrase."""
    session.add(
        PhraseRow(
            id=phrase.id,
            owner_id=phrase.owner_id,
            part=phrase.part,
            text=phrase.text,
            revision=phrase.revision,
            changed_at=phrase.changed_at,
        )
    )
    session.flush()


def change_phrase(session: Session, phrase: Phrase) -> bool:
    """Write the phrase over the revision before it; False when that is not the stored one."""
    statement = (
        update(PhraseRow)
        .where(PhraseRow.id == phrase.id, PhraseRow.revision == phrase.revision - 1)
        .values(text=phrase.text, revision=phrase.revision, changed_at=phrase.changed_at)
        .returning(PhraseRow.id)
        .execution_options(synchronize_session=False)
    )
    return session.scalar(statement) is not None


def remove_phrase(session: Session, phrase_id: str) -> None:
    """Forget a phrase."""
    session.execute(delete(PhraseRow).where(PhraseRow.id == phrase_id))


def _phrase(row: PhraseRow) -> Phrase:
    return Phrase(
        id=row.id,
        owner_id=PractitionerId(row.owner_id),
        part=row.part,
        text=row.text,
        revision=row.revision,
        changed_at=row.changed_at,
    )

"""The only SQL that reads the index: each question is one statement, and one that counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy.orm import Session

from consult.db.lists import batched, named, padded
from consult.studies.index.clauses import Form, count_of, question_of, told_of_series
from consult.studies.index.model import Level

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: the form of the question, as how many parties, and its values."""

    level: Level
    form: Form
    parties: int
    is_narrow: bool
    values: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hit:
    """One row; what belongs to a lower level than was asked for is None."""

    study_id: str
    study_uid: str
    study_told: bytes = field(repr=False)
    series_id: str | None = None
    series_uid: str | None = None
    modality: str | None = None
    series_told: bytes | None = field(default=None, repr=False)
    sop_uid: str | None = None
    instance_told: bytes | None = field(default=None, repr=False)


class Counted:
    """Series and instances of the studies that were found."""

    def __init__(self, rows: Sequence[tuple[str, str, str, int]]) -> None:
        self._studies: dict[str, list[tuple[str, int]]] = {}
        self._series: dict[str, int] = {}
        for study_id, series_id, modality, found in rows:
            self._studies.setdefault(study_id, []).append((modality, found))
            self._series[series_id] = found

    def modalities(self, study_id: str) -> set[str]:
        """Which kinds of series a study has."""
        return {modality for modality, _ in self._studies.get(study_id, []) if modality}

    def series(self, study_id: str) -> int:
        """How many series a study has."""
        return len(self._studies.get(study_id, []))

    def instances(self, study_id: str) -> int:
        """How many instances a study has."""
        return sum(found for _, found in self._studies.get(study_id, []))

    def in_series(self, series_id: str) -> int:
        """How many instances a series has."""
        return self._series.get(series_id, 0)


def find(session: Session, wanted: Wanted) -> list[Hit]:
    """What is wanted, the newest study first."""
    question = question_of(
        wanted.level, wanted.form, parties=wanted.parties, is_narrow=wanted.is_narrow
    )
    return [Hit(*row) for row in question.ask(session, wanted.values)]


def list_told(session: Session, wanted: Wanted) -> Iterator[tuple[str, bytes]]:
    """Every series that fits, with what it tells, as they are read."""
    statement = told_of_series(wanted.form, parties=wanted.parties)
    options = {"yield_per": _AT_ONCE}
    for row in session.connection().execute(
        statement, dict(wanted.values), execution_options=options
    ):
        yield row[0], row[1]


def count(session: Session, hits: Sequence[Hit]) -> Counted:
    """The series of the studies that were found, with how many objects each shows."""
    rows: list[tuple[str, str, str, int]] = []
    for some in batched(sorted({hit.study_id for hit in hits})):
        ids = padded(some)
        found = count_of(len(ids)).ask(session, named("id", ids))
        rows += [(row[0], row[1], row[2], row[3]) for row in found]
    return Counted(rows)

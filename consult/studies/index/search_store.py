"""The only SQL that reads the index: each question is one statement, and one that counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from consult.db.prepared import batched, named, padded
from consult.studies.index.clauses import Form, count_of, question_of
from consult.studies.index.model import Level


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


def count(session: Session, level: Level, hits: Sequence[Hit]) -> Counted:
    """The series of what was found, with how many objects each shows, where that is told."""
    if not hits or level is Level.INSTANCE:
        return Counted([])
    is_of_studies = level is Level.STUDY
    found = {hit.study_id if is_of_studies else str(hit.series_id) for hit in hits}
    rows: list[tuple[str, str, str, int]] = []
    for some in batched(sorted(found)):
        ids = padded(some)
        question = count_of("studies" if is_of_studies else "series", len(ids))
        rows += [tuple(row) for row in question.ask(session, named("id", ids))]
    return Counted(rows)

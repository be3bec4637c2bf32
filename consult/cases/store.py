"""The SQL of cases: one of them, and those of an institution, a patient or an owner."""

import dataclasses
from collections.abc import Collection, Mapping
from functools import partial
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, text, update

from consult.cases.errors import CaseChangedError
from consult.cases.model import Case, CaseStatus, CaseStepNotAllowedError
from consult.cases.tables import CaseRow
from consult.db.base import table_of, written
from consult.db.reading import once
from consult.kernel.work import Work

_COLUMNS = tuple(field.name for field in dataclasses.fields(Case))
_NEVER_CHANGED = frozenset({"id", "number", "institution_id", "patient_id", "opened_at"})
_VALUES = attrgetter(*_COLUMNS)

# Plain columns in the order of a case's fields, not rows of the ORM: no list reads more of them
_CASE = table_of(CaseRow)
CASES = select(*(_CASE.c[name] for name in _COLUMNS))
_ONE = CASES.where(_CASE.c.id == bindparam("wanted_id"))
_STEP = update(_CASE).where(
    _CASE.c.id == bindparam("wanted_id"),
    _CASE.c.status == bindparam("from_status"),
    _CASE.c.revision == bindparam("from_revision"),
)


def next_number(work: Work, day: str) -> int:
    """The next number of this day; the statement settles who is first."""
    return int(
        work.session.execute(
            text(
                "INSERT INTO case_counters (day, last) VALUES (:day, 1) "
                "ON CONFLICT (day) DO UPDATE SET last = case_counters.last + 1 RETURNING last"
            ),
            {"day": day},
        ).scalar_one()
    )


def save_new(work: Work, case: Case) -> None:
    """Write a new case."""
    work.session.add(CaseRow(**_values(case)))
    work.session.flush()


def save_step(work: Work, before: Case, after: Case) -> None:
    """Write what `after` says otherwise, only if the row still looks like `before`."""
    was = _values(before)
    values = {
        name: value
        for name, value in _values(after).items()
        if value != was[name] and name not in _NEVER_CHANGED
    }
    asked = {"wanted_id": before.id, "from_status": before.status, "from_revision": before.revision}
    if written(work.session.execute(_STEP, {**asked, **values})).rowcount != 1:
        _refuse(work, before, after)
    work.session.expire_all()


def find_case(work: Work, case_id: str) -> Case | None:
    """The case with this id."""
    return once(work.session, (Case, case_id), partial(_find, work, case_id))


def list_of_institution(
    work: Work,
    *,
    institution_id: str,
    statuses: Collection[CaseStatus],
    seen: ColumnElement[bool],
    before: str | None,
    limit: int,
) -> list[Case]:
    """The institution's own cases in these statuses, newest first, older than `before`."""
    statement = (
        CASES.where(
            CaseRow.institution_id == institution_id,
            CaseRow.status.in_(sorted(statuses)),
            seen,
        )
        .order_by(CaseRow.id.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(CaseRow.id < before)
    return list_cases(work, statement)


def list_oldest(
    work: Work,
    *,
    institution_id: str,
    statuses: Collection[CaseStatus],
    seen: ColumnElement[bool],
    limit: int,
) -> list[Case]:
    """The institution's own cases in these statuses that may be seen, oldest first."""
    statement = CASES.where(
        CaseRow.institution_id == institution_id, CaseRow.status.in_(sorted(statuses)), seen
    )
    return list_cases(work, statement.order_by(CaseRow.id).limit(limit))


def count_seen(
    work: Work,
    *,
    institution_id: str,
    statuses: Collection[CaseStatus],
    seen: ColumnElement[bool],
) -> int:
    """How many of the institution's own cases stand in these statuses and may be seen."""
    statement = select(func.count()).where(
        CaseRow.institution_id == institution_id, CaseRow.status.in_(sorted(statuses)), seen
    )
    return work.session.scalar(statement) or 0


def count_of_institution(work: Work, *, institution_id: str) -> Mapping[CaseStatus, int]:
    """How many of the institution's own cases stand in each status."""
    statement = (
        select(CaseRow.status, func.count())
        .where(CaseRow.institution_id == institution_id)
        .group_by(CaseRow.status)
    )
    return {row[0]: row[1] for row in work.session.execute(statement)}


def list_of_patient(work: Work, patient_id: str, *, limit: int) -> list[Case]:
    """A patient's cases, newest first."""
    statement = (
        CASES.where(CaseRow.patient_id == patient_id).order_by(CaseRow.id.desc()).limit(limit)
    )
    return list_cases(work, statement)


def list_owned(
    work: Work, owner_id: str, *, statuses: Collection[CaseStatus], limit: int
) -> list[Case]:
    """The cases in these statuses for which a person is accountable, oldest first."""
    statement = (
        CASES.where(CaseRow.owner_id == owner_id, CaseRow.status.in_(sorted(statuses)))
        .order_by(CaseRow.id)
        .limit(limit)
    )
    return list_cases(work, statement)


def list_owners(work: Work, *, statuses: Collection[CaseStatus]) -> list[tuple[Case, int]]:
    """Who answers for the cases in these statuses: a case of each kind, and how many there are."""
    first, count = func.min(CaseRow.id).label("first"), func.count().label("count")
    alike = (CaseRow.owner_id, CaseRow.status)
    between = (CaseRow.institution_id, CaseRow.invited_institution_id)
    found = (
        select(first, count)
        .where(CaseRow.status.in_(sorted(statuses)), CaseRow.owner_id.is_not(None))
        .group_by(*alike, *between)
        .subquery()
    )
    statement = select(CaseRow, found.c.count).join(found, found.c.first == CaseRow.id)
    return [(case_of(row), n) for row, n in work.session.execute(statement.order_by(CaseRow.id))]


def count_open_at(work: Work, institution_id: str, *, statuses: Collection[CaseStatus]) -> int:
    """How many cases in these statuses an institution sent or was asked about."""
    statement = (
        select(func.count())
        .select_from(CaseRow)
        .where(
            or_(
                CaseRow.institution_id == institution_id,
                CaseRow.invited_institution_id == institution_id,
            ),
            CaseRow.status.in_(sorted(statuses)),
        )
    )
    return work.session.scalar(statement) or 0


def count_sent(work: Work, institution_id: str, *, statuses: Collection[CaseStatus]) -> int:
    """How many cases in these statuses are the institution's own."""
    statement = select(func.count()).where(
        CaseRow.institution_id == institution_id, CaseRow.status.in_(sorted(statuses))
    )
    return work.session.scalar(statement) or 0


def list_sending(work: Work, *, statuses: Collection[CaseStatus]) -> set[str]:
    """The institutions that have a case of their own in one of these statuses."""
    statement = select(CaseRow.institution_id).where(CaseRow.status.in_(sorted(statuses)))
    return set(work.session.scalars(statement.distinct()))


def _refuse(work: Work, before: Case, after: Case) -> None:
    found = _find(work, before.id)
    if found is None or found.status is not before.status:
        have = before.status if found is None else found.status
        raise CaseStepNotAllowedError(before.id, have, after.status)
    raise CaseChangedError(before.id, have=found.revision, want=before.revision)


def _values(case: Case) -> dict[str, object]:
    values = {name: getattr(case, name) for name in _COLUMNS}
    values["answers"] = dict(case.answers)
    return values


def case_of(row: CaseRow) -> Case:
    """The row as a case."""
    return Case(*_VALUES(row))


def _find(work: Work, case_id: str) -> Case | None:
    row = work.session.execute(_ONE, {"wanted_id": case_id}).first()
    return None if row is None else Case(*row)


def list_cases(work: Work, statement: Select[*tuple[Any, ...]]) -> list[Case]:
    """The cases that a statement begun with CASES finds."""
    return [Case(*row) for row in work.session.execute(statement)]

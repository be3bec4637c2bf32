"""Statements of searches, built once for each form of a question (decision 0193).

What a form is: the level, the columns with how they are compared, and as how many parties the
asker may see. Values, limits and parties are bound when it runs.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Column, Integer, Select, bindparam, exists, func, select
from sqlalchemy.sql.elements import ColumnElement

from consult.access import policy
from consult.access.model import ObjectType
from consult.db.base import table_of
from consult.db.lists import parameters
from consult.db.prepared import Prepared
from consult.studies.index.matching import ESCAPE, Compared
from consult.studies.index.model import Level
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow

Statement = Select[*tuple[Any, ...]]
Form = tuple[tuple[str, Compared, int], ...]
"""The columns that are compared, how, and with how many values."""

_FORMS_KNOWN: Final = 256
_STUDY, _SERIES, _OBJECT = (table_of(kind) for kind in (StudyRow, SeriesRow, InstanceRow))
_OF_STUDY, _OF_SERIES, _OF_OBJECT = (
    table_of(kind) for kind in (StudyIndexRow, SeriesIndexRow, InstanceIndexRow)
)
_IS_SHOWN: Final = _OBJECT.c.withdrawn_at.is_(None)
_ANY_MODALITY: Final = "any_modality"
_COLUMNS: Final[Mapping[str, Column[Any]]] = MappingProxyType(
    {
        **{
            name: _OF_STUDY.c[name]
            for name in (
                *("study_date", "study_time", "accession", "study_number", "description"),
                *("referring", "person", "name_keys", "patient_number", "patient_hash"),
                *("birth_date", "sex"),
            )
        },
        "study_uid": _STUDY.c.study_instance_uid,
        "series_id": _SERIES.c.id,
        "series_uid": _SERIES.c.series_instance_uid,
        "sop_uid": _OBJECT.c.sop_instance_uid,
        "class_uid": _OBJECT.c.sop_class_uid,
        "modality": _SERIES.c.modality,
        _ANY_MODALITY: _SERIES.c.modality,
        "series_description": _OF_SERIES.c.description,
        "series_number": _OF_SERIES.c.number,
        "started_date": _OF_SERIES.c.started_date,
        "started_time": _OF_SERIES.c.started_time,
        "instance_number": _OF_OBJECT.c.number,
        "bits": _OF_OBJECT.c.bits,
        **{name: _OBJECT.c[name] for name in ("rows", "columns", "frames")},
    }
)
_TOLD_STUDY: Final = (_STUDY.c.id, _STUDY.c.study_instance_uid, _OF_STUDY.c.told_sealed)
_TOLD_SERIES: Final = (
    *_TOLD_STUDY,
    _SERIES.c.id,
    _SERIES.c.series_instance_uid,
    _SERIES.c.modality,
    _OF_SERIES.c.told_sealed,
)


@lru_cache(maxsize=_FORMS_KNOWN)
def question_of(level: Level, form: Form, *, parties: int, is_narrow: bool) -> Prepared:
    """The question of a form; the values of its conditions are named by `word_of`."""
    return Prepared(_statement(*_PLACES[level](), form, parties=parties, is_narrow=is_narrow))


def told_of_series(form: Form, *, parties: int) -> Statement:
    """The same for series with what each tells, to be read one after the other."""
    statement = select(_SERIES.c.id, _OF_SERIES.c.told_sealed).select_from(_joined_series())
    return _statement(statement, (), form, parties=parties, is_narrow=False)


def _statement(
    statement: Statement,
    within: Sequence[Column[Any]],
    form: Form,
    *,
    parties: int,
    is_narrow: bool,
) -> Statement:
    """What fits, the newest study first.

    A narrow question finds few by a number. Few rows are sorted afterwards, so that no planner
    walks all studies of an institution by date to spare itself the sorting.
    """
    clauses = [
        _STUDY.c.institution_id == bindparam("institution"),
        _OF_STUDY.c.institution_id == bindparam("institution"),
        policy.seen_by(ObjectType.STUDY, _STUDY.c.id, parties=parties),
    ]
    if any(column == "sop_uid" for column, *_ in form):
        clauses.append(_OBJECT.c.institution_id == bindparam("institution"))
    clauses += [_clause(place, *each) for place, each in enumerate(form)]
    date = func.coalesce(_OF_STUDY.c.study_date, "") if is_narrow else _OF_STUDY.c.study_date
    most, first = (bindparam(name, type_=Integer) for name in ("limit", "offset"))
    order = (date.desc(), _OF_STUDY.c.study_id.desc(), *within)
    return statement.where(*clauses).order_by(*order).limit(most).offset(first)


def _clause(place: int, column: str, how: Compared, how_many: int) -> ColumnElement[bool]:
    values = parameters(word_of(place), how_many)
    if column != _ANY_MODALITY:
        return _COMPARED[how](_COLUMNS[column], values)
    other = _SERIES.alias()
    made = _COMPARED[how](other.c.modality, values)
    return exists(select(other.c.id).where(other.c.study_id == _STUDY.c.id, made))


def word_of(place: int) -> str:
    """The word under which the values of a condition are bound."""
    return f"value{place}_"


def _of_studies() -> tuple[Statement, Sequence[Column[Any]]]:
    """Studies of which an object is shown, the newest first."""
    shown = exists(
        select(_OBJECT.c.id)
        .join(_SERIES, _OBJECT.c.series_id == _SERIES.c.id)
        .where(_SERIES.c.study_id == _STUDY.c.id, _IS_SHOWN)
    )
    joined = _STUDY.join(_OF_STUDY, _OF_STUDY.c.study_id == _STUDY.c.id)
    return select(*_TOLD_STUDY).select_from(joined).where(shown), ()


def _of_series() -> tuple[Statement, Sequence[Column[Any]]]:
    """Series of which an object is shown."""
    shown = exists(select(_OBJECT.c.id).where(_OBJECT.c.series_id == _SERIES.c.id, _IS_SHOWN))
    statement = select(*_TOLD_SERIES).select_from(_joined_series()).where(shown)
    return statement, (_OF_SERIES.c.number, _SERIES.c.id)


def _of_objects() -> tuple[Statement, Sequence[Column[Any]]]:
    """Objects that are shown."""
    joined = (
        _joined_series()
        .join(_OBJECT, _OBJECT.c.series_id == _SERIES.c.id)
        .join(_OF_OBJECT, _OF_OBJECT.c.instance_id == _OBJECT.c.id)
    )
    told = (*_TOLD_SERIES, _OBJECT.c.sop_instance_uid, _OF_OBJECT.c.told_sealed)
    statement = select(*told).select_from(joined).where(_IS_SHOWN)
    return statement, (_OF_SERIES.c.number, _SERIES.c.id, _OF_OBJECT.c.number, _OBJECT.c.id)


def _joined_series() -> Any:
    return (
        _STUDY.join(_OF_STUDY, _OF_STUDY.c.study_id == _STUDY.c.id)
        .join(_SERIES, _SERIES.c.study_id == _STUDY.c.id)
        .join(_OF_SERIES, _OF_SERIES.c.series_id == _SERIES.c.id)
    )


_PLACES: Final = MappingProxyType(
    {Level.STUDY: _of_studies, Level.SERIES: _of_series, Level.INSTANCE: _of_objects}
)
_COMPARED: Final[Mapping[Compared, Callable[[Any, Any], ColumnElement[bool]]]] = MappingProxyType(
    {
        Compared.EQUAL: lambda column, values: column == values[0],
        Compared.ONE_OF: lambda column, values: column.in_(values),
        Compared.LIKE: lambda column, values: column.like(values[0], escape=ESCAPE),
        Compared.FROM: lambda column, values: column >= values[0],
        Compared.UNTIL: lambda column, values: column <= values[0],
    }
)
_COUNTED: Final = (
    select(_SERIES.c.study_id, _SERIES.c.id, _SERIES.c.modality, func.count())
    .select_from(_SERIES.join(_OBJECT, _OBJECT.c.series_id == _SERIES.c.id))
    .where(_IS_SHOWN)
    .group_by(_SERIES.c.study_id, _SERIES.c.id, _SERIES.c.modality)
)


@cache
def count_of(how_many: int) -> Prepared:
    """How many objects each series of so many studies shows."""
    return Prepared(_COUNTED.where(_SERIES.c.study_id.in_(parameters("id", how_many))))

"""Matching keys as SQL: single value, list of UIDs, wildcard, range, names (PS3.4 C.2.2.2)."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import and_, exists, select, true
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.elements import ColumnElement

from consult.kernel.errors import RefusedError
from consult.kernel.keys import Vault
from consult.studies.index.names import folded, name_groups
from consult.studies.index.service import NUMBER_PURPOSE
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow

Clause = ColumnElement[bool]
Column = InstrumentedAttribute[Any]

_ESCAPE: Final = "\\"
_WORDS: Final = re.compile(r"[\s^=,.*?]+")
_UIDS: Final = re.compile(r"[,\\]")
_DATE: Final = re.compile(r"[0-9]{8}")
_TIME: Final = re.compile(r"[0-9]{2}([0-9]{2}([0-9]{2}(\.[0-9]{1,6})?)?)?")
_DAY_END: Final = "235959.999999"
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,11}")
_LARGEST: Final = (1 << 31) - 1
_NARROW: Final = frozenset(
    {"AccessionNumber", "PatientID", "SeriesInstanceUID", "SOPInstanceUID", "StudyInstanceUID"}
)
_MOST_UIDS: Final = 500
_MOST_WORDS: Final = 8


def clause_of(keyword: str, value: str, *, fuzzy: bool, vault: Vault) -> Clause | None:
    """What a key asks; None for a key that is not matched here.

    An empty value matches everything (universal matching). Raises RefusedError: the value is
    malformed.
    """
    if keyword in {"PatientName", "ReferringPhysicianName"}:
        return true() if not value else _name(keyword, value, fuzzy=fuzzy)
    if keyword == "PatientID":
        return true() if not value else _patient_number(value, vault)
    made = _BY_KEYWORD.get(keyword)
    if made is None:
        return None
    match, column = made
    return true() if not value else match(keyword, column, value)


def is_narrow(keyword: str, value: str) -> bool:
    """Whether a key names few studies, by a number that an index holds."""
    return keyword in _NARROW and bool(value) and not _is_wild(value)


def _text(_keyword: str, column: Column, value: str) -> Clause:
    return _like(column, value) if _is_wild(value) else column == value


def _folded(_keyword: str, column: Column, value: str) -> Clause:
    return _text(_keyword, column, folded(value))


def _uid(keyword: str, column: Column, value: str) -> Clause:
    """One UID or several (PS3.4 C.2.2.2.2)."""
    uids = [part.strip() for part in _UIDS.split(value) if part.strip()]
    if not uids or len(uids) > _MOST_UIDS:
        raise RefusedError("search-key-malformed", field=keyword)
    return column.in_(uids)


def _number(keyword: str, column: Column, value: str) -> Clause:
    """A whole number, as long as the columns hold (an IS has 12 letters at most, PS3.5 6.2)."""
    if _WHOLE.fullmatch(value) is None or abs(int(value)) > _LARGEST:
        raise RefusedError("search-key-malformed", field=keyword)
    return column == int(value)


def _date(keyword: str, column: Column, value: str) -> Clause:
    """A day, or a range of days that may be open at one end (PS3.4 C.2.2.2.5)."""
    first, dash, last = value.partition("-")
    _require(keyword, _DATE, first, last)
    if not dash:
        return column == first
    if not (first or last):
        raise RefusedError("search-key-malformed", field=keyword)
    clauses = [column != ""]
    clauses += [column >= first] if first else []
    clauses += [column <= last] if last else []
    return and_(*clauses)


def _time(keyword: str, column: Column, value: str) -> Clause:
    """A time of day to the exactness that is given, or a range."""
    first, dash, last = value.replace(":", "").partition("-")
    _require(keyword, _TIME, first, last)
    if not dash:
        return column.startswith(first, autoescape=True)
    if not (first or last):
        raise RefusedError("search-key-malformed", field=keyword)
    until = last + _DAY_END[len(last) :] if last else _DAY_END
    return and_(column != "", column >= first, column <= until)


def _require(keyword: str, pattern: re.Pattern[str], *parts: str) -> None:
    if any(part and pattern.fullmatch(part) is None for part in parts):
        raise RefusedError("search-key-malformed", field=keyword)


def _patient_number(value: str, vault: Vault) -> Clause:
    """The whole number by its keyed hash; a pattern in what stands in plain text."""
    if _is_wild(value):
        return _like(StudyIndexRow.patient_number, value)
    return StudyIndexRow.patient_hash == vault.blind(value, purpose=NUMBER_PURPOSE)


def _name(keyword: str, value: str, *, fuzzy: bool) -> Clause:
    """Any component group, whatever the case; fuzzy: each word begins a word or its pinyin."""
    if fuzzy and keyword == "PatientName":
        words = [folded(word) for word in _WORDS.split(value) if word][:_MOST_WORDS]
        keys = StudyIndexRow.name_keys
        return and_(true(), *(keys.contains(f" {word}", autoescape=True) for word in words))
    column = StudyIndexRow.person if keyword == "PatientName" else StudyIndexRow.referring
    return column.like(f"%{_pattern(name_groups(value))}%", escape=_ESCAPE)


def _modalities(_keyword: str, _column: Column, value: str) -> Clause:
    """A study that has a series of it."""
    matched = _text(_keyword, SeriesRow.modality, value)
    return exists(select(SeriesRow.id).where(SeriesRow.study_id == StudyRow.id, matched))


def _is_wild(value: str) -> bool:
    return "*" in value or "?" in value


def _like(column: Column, value: str) -> Clause:
    return column.like(_pattern(value), escape=_ESCAPE)


def _pattern(value: str) -> str:
    """`*` and `?` as SQL has them, everything else as it stands (PS3.4 C.2.2.2.4)."""
    for letter in (_ESCAPE, "%", "_"):
        value = value.replace(letter, _ESCAPE + letter)
    return value.replace("*", "%").replace("?", "_")


_BY_KEYWORD: Final[Mapping[str, tuple[Callable[[str, Column, str], Clause], Column]]] = (
    MappingProxyType(
        {
            "StudyDate": (_date, StudyIndexRow.study_date),
            "StudyTime": (_time, StudyIndexRow.study_time),
            "AccessionNumber": (_text, StudyIndexRow.accession),
            "StudyDescription": (_folded, StudyIndexRow.description),
            "PatientBirthDate": (_date, StudyIndexRow.birth_date),
            "PatientSex": (_text, StudyIndexRow.sex),
            "StudyInstanceUID": (_uid, StudyRow.study_instance_uid),
            "StudyID": (_text, StudyIndexRow.study_number),
            "ModalitiesInStudy": (_modalities, SeriesRow.modality),
            "Modality": (_text, SeriesRow.modality),
            "SeriesDescription": (_folded, SeriesIndexRow.description),
            "SeriesInstanceUID": (_uid, SeriesRow.series_instance_uid),
            "SeriesNumber": (_number, SeriesIndexRow.number),
            "PerformedProcedureStepStartDate": (_date, SeriesIndexRow.started_date),
            "PerformedProcedureStepStartTime": (_time, SeriesIndexRow.started_time),
            "SOPClassUID": (_uid, InstanceRow.sop_class_uid),
            "SOPInstanceUID": (_uid, InstanceRow.sop_instance_uid),
            "InstanceNumber": (_number, InstanceIndexRow.number),
            "Rows": (_number, InstanceRow.rows),
            "Columns": (_number, InstanceRow.columns),
            "NumberOfFrames": (_number, InstanceRow.frames),
            "BitsAllocated": (_number, InstanceIndexRow.bits),
        }
    )
)

"""Matching keys as conditions: single value, list of UIDs, wildcard, range, names (PS3.4 C.2.2.2).

A condition names a column, how it is compared, and with what; its form (without the value) is what
a statement is built for, once (`clauses.py`).
"""

import enum
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from consult.db.lists import padded
from consult.kernel.errors import RefusedError
from consult.kernel.keys import Vault
from consult.studies.index.names import folded, name_groups
from consult.studies.index.service import NUMBER_PURPOSE

ESCAPE: Final = "\\"
_UNMATCHABLE: Final = re.compile(r"[\x00\ud800-\udfff]")  # no column holds these
_WORDS: Final = re.compile(r"[\s^=,.*?]+")
_UIDS: Final = re.compile(r"[,\\]")
_DATE: Final = re.compile(r"[0-9]{8}")
_TIME: Final = re.compile(r"[0-9]{2}([0-9]{2}([0-9]{2}(\.[0-9]{1,6})?)?)?")
_DAY_END: Final = "235959.999999"
_ANYTHING: Final = " "  # before every letter, behind the empty text
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,11}")
_LARGEST: Final = (1 << 31) - 1
_NARROW: Final = frozenset(
    {"AccessionNumber", "PatientID", "SeriesInstanceUID", "SOPInstanceUID", "StudyInstanceUID"}
)
_MOST_UIDS: Final = 500
_MOST_WORDS: Final = 8


class Compared(enum.StrEnum):
    """How a column is compared."""

    EQUAL = "equal"
    ONE_OF = "one_of"
    LIKE = "like"
    FROM = "from"
    UNTIL = "until"


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison; the value is data and stays out of what is built and kept."""

    column: str
    how: Compared
    values: Sequence[str | int] = field(repr=False)
    """One, or for `ONE_OF` as many as there are; their number belongs to the form."""


Conditions = list[Condition]


def conditions_of(keyword: str, value: str, *, fuzzy: bool, vault: Vault) -> Conditions | None:
    """What a key asks; None for a key that is not matched here.

    An empty value matches everything (universal matching). Raises RefusedError: the value is
    malformed.
    """
    if _UNMATCHABLE.search(value):
        raise RefusedError("search-key-malformed", field=keyword)
    if keyword == "PatientID":
        return _patient_number(value, vault) if value else []
    if keyword == "PatientName" and fuzzy:
        return _begun_words(value)
    made = _BY_KEYWORD.get(keyword)
    if made is None:
        return None
    match, column = made
    return match(keyword, column, value) if value else []


def one_of(column: str, values: Sequence[str]) -> Condition:
    """Any of these."""
    return Condition(column, Compared.ONE_OF, padded(values))


def is_narrow(keyword: str, value: str) -> bool:
    """Whether a key names few studies, by a number that an index holds."""
    return keyword in _NARROW and bool(value) and not _is_wild(value)


def _text(_keyword: str, column: str, value: str) -> Conditions:
    if _is_wild(value):
        return [Condition(column, Compared.LIKE, (_pattern(value),))]
    return [Condition(column, Compared.EQUAL, (value,))]


def _folded(keyword: str, column: str, value: str) -> Conditions:
    return _text(keyword, column, folded(value))


def _uid(keyword: str, column: str, value: str) -> Conditions:
    """One UID or several (PS3.4 C.2.2.2.2)."""
    uids = [part.strip() for part in _UIDS.split(value) if part.strip()]
    if not uids or len(uids) > _MOST_UIDS:
        raise RefusedError("search-key-malformed", field=keyword)
    if len(uids) == 1:
        return [Condition(column, Compared.EQUAL, (uids[0],))]
    return [one_of(column, uids)]


def _number(keyword: str, column: str, value: str) -> Conditions:
    """A whole number, as long as the columns hold (an IS has 12 letters at most, PS3.5 6.2)."""
    if _WHOLE.fullmatch(value) is None or abs(int(value)) > _LARGEST:
        raise RefusedError("search-key-malformed", field=keyword)
    return [Condition(column, Compared.EQUAL, (int(value),))]


def _date(keyword: str, column: str, value: str) -> Conditions:
    """A day, or a range of days that may be open at one end (PS3.4 C.2.2.2.5)."""
    first, dash, last = value.partition("-")
    _require(keyword, _DATE, first, last)
    if not dash:
        return [Condition(column, Compared.EQUAL, (first,))]
    return _range(keyword, column, first, last)


def _time(keyword: str, column: str, value: str) -> Conditions:
    """A time of day to the exactness that is given, or a range."""
    first, dash, last = value.replace(":", "").partition("-")
    _require(keyword, _TIME, first, last)
    if not dash:
        return [Condition(column, Compared.LIKE, (f"{first}%",))]
    return _range(keyword, column, first, last and last + _DAY_END[len(last) :])


def _range(keyword: str, column: str, first: str, last: str) -> Conditions:
    """From the one to the other; what is not told is empty, which is before every beginning."""
    if not (first or last):
        raise RefusedError("search-key-malformed", field=keyword)
    found = [Condition(column, Compared.FROM, (first or _ANYTHING,))]
    return [*found, Condition(column, Compared.UNTIL, (last,))] if last else found


def _require(keyword: str, pattern: re.Pattern[str], *parts: str) -> None:
    if any(part and pattern.fullmatch(part) is None for part in parts):
        raise RefusedError("search-key-malformed", field=keyword)


def _patient_number(value: str, vault: Vault) -> Conditions:
    """The whole number by its keyed hash; a pattern in what stands in plain text."""
    if _is_wild(value):
        return [Condition("patient_number", Compared.LIKE, (_pattern(value),))]
    told = vault.blind(value, purpose=NUMBER_PURPOSE)
    return [Condition("patient_hash", Compared.EQUAL, (told,))]


def _name(_keyword: str, column: str, value: str) -> Conditions:
    """Any component group, whatever the case."""
    return [Condition(column, Compared.LIKE, (f"%{_pattern(name_groups(value))}%",))]


def _begun_words(value: str) -> Conditions:
    """Each word begins a word of the name or its pinyin."""
    words = [folded(word) for word in _WORDS.split(value) if word][:_MOST_WORDS]
    return [Condition("name_keys", Compared.LIKE, (f"% {_escaped(word)}%",)) for word in words]


def _is_wild(value: str) -> bool:
    return "*" in value or "?" in value


def _pattern(value: str) -> str:
    """`*` and `?` as SQL has them, everything else as it stands (PS3.4 C.2.2.2.4)."""
    return _escaped(value).replace("*", "%").replace("?", "_")


def _escaped(value: str) -> str:
    for letter in (ESCAPE, "%", "_"):
        value = value.replace(letter, ESCAPE + letter)
    return value


_BY_KEYWORD: Final[Mapping[str, tuple[Callable[[str, str, str], Conditions], str]]] = (
    MappingProxyType(
        {
            "StudyDate": (_date, "study_date"),
            "StudyTime": (_time, "study_time"),
            "AccessionNumber": (_text, "accession"),
            "StudyDescription": (_folded, "description"),
            "ReferringPhysicianName": (_name, "referring"),
            "PatientName": (_name, "person"),
            "PatientBirthDate": (_date, "birth_date"),
            "PatientSex": (_text, "sex"),
            "StudyInstanceUID": (_uid, "study_uid"),
            "StudyID": (_text, "study_number"),
            "ModalitiesInStudy": (_text, "any_modality"),
            "Modality": (_text, "modality"),
            "SeriesDescription": (_folded, "series_description"),
            "SeriesInstanceUID": (_uid, "series_uid"),
            "SeriesNumber": (_number, "series_number"),
            "PerformedProcedureStepStartDate": (_date, "started_date"),
            "PerformedProcedureStepStartTime": (_time, "started_time"),
            "SOPClassUID": (_uid, "class_uid"),
            "SOPInstanceUID": (_uid, "sop_uid"),
            "InstanceNumber": (_number, "instance_number"),
            "Rows": (_number, "rows"),
            "Columns": (_number, "columns"),
            "NumberOfFrames": (_number, "frames"),
            "BitsAllocated": (_number, "bits"),
        }
    )
)

"""Keys of a peer's question, made a question of ours (PS3.4 C.4)."""

from dataclasses import replace
from typing import Final

from consult.studies.finding.model import Level, Question, date_range, is_wild, time_range
from imaging.dimse import classes
from imaging.dimse.identifier import VRS, Attributes

LEVEL: Final = 0x00080052
_STUDY_ROOT: Final = frozenset({classes.STUDY_FIND, classes.STUDY_MOVE, classes.STUDY_GET})
_LONGEST_KEY: Final = 64  # LO, PS3.5 6.2
_LONGEST_NAME: Final = 3 * _LONGEST_KEY + 2  # PN, three groups
_MOST_IN_LIST: Final = 500
_BELOW_STUDY: Final = frozenset({Level.SERIES, Level.IMAGE})


class _NonsenseError(Exception):
    """A key that cannot be."""


def is_bounded(told: Attributes) -> bool:
    """Whether every key is as short, and every list of UIDs as small, as a question may be."""
    for tag, value in told.items():
        if not isinstance(value, str):
            if not all(is_bounded(each) for each in value):
                return False
            continue
        longest = _LONGEST_NAME if VRS.get(tag) == "PN" else _LONGEST_KEY
        parts = value.split("\\")
        if len(parts) > _MOST_IN_LIST or any(len(part) > longest for part in parts):
            return False
    return True


def question_of(told: Attributes, model: str, *, is_combined: bool = False) -> Question | None:
    """The question, or None where it has no level of this model or an impossible key (C.4.1.2).

    `is_combined`: it was agreed on that a date and a time are one moment (C.5.1.1).
    """
    named = text_of(told, LEVEL)
    if named not in set(Level) or (named == Level.PATIENT and model in _STUDY_ROOT):
        return None
    try:
        return replace(_question(told, Level(named)), is_combined=is_combined)
    except _NonsenseError:
        return None


def is_narrow(question: Question) -> bool:
    """A retrieval names what it wants by unique keys (PS3.4 C.4.2.2.1)."""
    if question.level is Level.PATIENT:
        return bool(question.patient_number) and not is_wild(question.patient_number)
    if question.level is Level.SERIES:
        return bool(question.series_uids)
    if question.level is Level.IMAGE:
        return bool(question.instance_uids)
    return bool(question.study_uids)


def text_of(told: Attributes, tag: int) -> str:
    """A key as text, empty where it is none."""
    value = told.get(tag, "")
    return value if isinstance(value, str) else ""


def _question(told: Attributes, level: Level) -> Question:
    day, time = (text_of(told, tag).strip("*") for tag in (0x00080020, 0x00080030))
    birth = text_of(told, 0x00100030).strip("*")
    if date_range(day) is None or time_range(time) is None or date_range(birth) is None:
        raise _NonsenseError
    is_below = level in _BELOW_STUDY
    return Question(
        level=level,
        study_uids=_list(told, 0x0020000D),
        series_uids=_list(told, 0x0020000E),
        instance_uids=_list(told, 0x00080018),
        class_uids=_list(told, 0x00080016) if level is Level.IMAGE else (),
        patient_number=text_of(told, 0x00100020),
        patient_name=text_of(told, 0x00100010),
        birth_date=birth,
        sex=text_of(told, 0x00100040).strip("*"),
        referring=text_of(told, 0x00080090),
        description=text_of(told, 0x00081030),
        accession=text_of(told, 0x00080050),
        study_date=day,
        study_time=time,
        study_number=text_of(told, 0x00200010),
        series_number=_number(told, 0x00200011) if is_below else None,
        instance_number=_number(told, 0x00200013) if level is Level.IMAGE else None,
        modalities=tuple(
            each for tag in (0x00080060, 0x00080061) for each in _list(told, tag) if each.strip("*")
        ),
    )


def _number(told: Attributes, tag: int) -> int | None:
    """An integer string of one value (PS3.5 6.2); a wild card alone matches all."""
    text = text_of(told, tag).strip("*")
    if not text:
        return None
    try:
        number = int(text)
    except ValueError:
        raise _NonsenseError from None
    if not -(1 << 31) <= number < 1 << 31:
        raise _NonsenseError
    return number


def _list(told: Attributes, tag: int) -> tuple[str, ...]:
    return tuple(part.strip() for part in text_of(told, tag).split("\\") if part.strip())

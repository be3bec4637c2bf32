"""The result notice: which plain sentences a structured report makes, and what is to be done.

Only codes, numbers and dates of a signed version are read. Nothing that anybody typed gets out.
"""

import calendar
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final, TypeVar

from consult.kernel.eyes import Eye, EyeStatus
from consult.kernel.rules import RuleTable
from consult.kernel.words import Words
from consult.reports.body import HIGHEST_ICDR
from consult.reports.model import Dme, Quality, ReferralNeed, ReferralUrgency
from consult.reports.tellings.model import TellingKind


class EyeSign(enum.StrEnum):
    """What the drawing of an eye shows."""

    CLEAN = "clean"
    FINDING = "finding"
    UNCLEAR = "unclear"


class EyeCode(enum.StrEnum):
    """What is said of an eye that has no grade."""

    UNGRADABLE = "ungradable"
    NOT_EXAMINED = "not_examined"
    ABSENT = "absent"
    NOT_GRADED = "not_graded"


class Next(enum.StrEnum):
    """What is to be done, and what is said beside it."""

    BOOKED = "booked"
    AT_ONCE = "at_once"
    SEE = "see"
    AGAIN_PHOTOGRAPHS = "again_photographs"
    AGAIN = "again"
    ASK = "ask"
    VOID = "void"
    CARE = "care"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class ReadingLevel:
    """How simple every sentence is: its longest length, and words that none may hold.

    A Chinese sentence is counted in characters, an English one in words.
    """

    longest_zh: int
    longest_en: int
    hard_zh: tuple[str, ...]
    hard_en: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoticeWords:
    """Every sentence of the notice (config/result_notice.toml)."""

    name: str
    version: str
    source: str
    most: int
    reading: ReadingLevel
    icdr: Mapping[int, Words]
    dme: Mapping[Dme, Words]
    eye: Mapping[EyeCode, Words]
    sign: Mapping[EyeSign, Words]
    next: Mapping[Next, Words]
    warnings: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class EyeSaid:
    """What is said of one eye."""

    eye: Eye
    sign: EyeSign
    sentences: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class NextSaid:
    """What is to be done, and by which day, where there is one."""

    code: Next
    day: date | None = None


_SCHEDULED: Final = {ReferralUrgency.URGENT, ReferralUrgency.ROUTINE}


def say_eyes(content: Mapping[str, Any], words: NoticeWords) -> tuple[EyeSaid, ...]:
    """The right eye, then the left, as the structured report has them; nothing without eyes."""
    body = content.get("body") or {}
    return tuple(_say_eye(eye, body[eye], words) for eye in Eye if body.get(eye))


def say_next(
    content: Mapping[str, Any],
    kind: TellingKind,
    *,
    signed_on: date,
    within_days: Mapping[ReferralUrgency, int],
) -> tuple[NextSaid, ...]:
    """What the patient is to do, the first thing first; an appointment is said by who knows it."""
    if kind is TellingKind.RETRACTED:
        return (NextSaid(Next.VOID),)
    found = [_step(content["body"], kind, signed_on, within_days)]
    if kind in {TellingKind.FINDING, TellingKind.CHANGED} and not _has_sign(content):
        found.append(NextSaid(Next.ASK))
    return (*(each for each in found if each is not None), NextSaid(Next.CARE))


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


_SWOLLEN: Final = {Dme.SUSPECTED, Dme.PRESENT}


def _has_sign(content: Mapping[str, Any]) -> bool:
    """Whether the grade of an eye says already that something was found."""
    body = content.get("body") or {}
    readings = [body[eye] for eye in Eye if body.get(eye)]
    return any(each.get("icdr") or each.get("dme") in _SWOLLEN for each in readings)


def _step(
    body: Mapping[str, Any],
    kind: TellingKind,
    signed_on: date,
    within_days: Mapping[ReferralUrgency, int],
) -> NextSaid | None:
    need, urgency = body.get("referral_need"), body.get("referral_urgency")
    if urgency == ReferralUrgency.EMERGENCY:
        return NextSaid(Next.AT_ONCE)
    if need not in {None, ReferralNeed.NONE}:
        soon = ReferralUrgency(urgency) if urgency in _SCHEDULED else ReferralUrgency.ROUTINE
        return NextSaid(Next.SEE, signed_on + timedelta(days=within_days[soon]))
    months = body.get("interval_months")
    if months is None:
        return NextSaid(Next.ASK) if kind is not TellingKind.PLAIN else None
    again = Next.AGAIN_PHOTOGRAPHS if kind is TellingKind.UNGRADABLE else Next.AGAIN
    return NextSaid(again, months_after(signed_on, months))


def _say_eye(eye: Eye, reading: Mapping[str, Any], words: NoticeWords) -> EyeSaid:
    if reading["eye_status"] == EyeStatus.ABSENT:
        return EyeSaid(eye, EyeSign.UNCLEAR, (words.eye[EyeCode.ABSENT],))
    if reading["quality"] is None:
        return EyeSaid(eye, EyeSign.UNCLEAR, (words.eye[EyeCode.NOT_EXAMINED],))
    if reading["quality"] == Quality.UNGRADABLE:
        return EyeSaid(eye, EyeSign.UNCLEAR, (words.eye[EyeCode.UNGRADABLE],))
    if reading["icdr"] is None:
        return EyeSaid(eye, EyeSign.UNCLEAR, (words.eye[EyeCode.NOT_GRADED],))
    dme = reading["dme"]
    is_found = reading["icdr"] > 0 or dme in _SWOLLEN
    more = (words.dme[Dme(dme)],) if dme is not None and dme in words.dme else ()
    sign = EyeSign.FINDING if is_found else EyeSign.UNCLEAR if more else EyeSign.CLEAN
    return EyeSaid(eye, sign, (words.icdr[reading["icdr"]], *more))


def parse_notice_words(mapping: Mapping[str, object]) -> NoticeWords:
    """The sentences of config/result_notice.toml; every code must be there."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "most", "reading", "icdr", "dme", "eye", "sign", "next"),
        "warning",
    )
    grades, oedema, level = table.table("icdr"), table.table("dme"), table.table("reading")
    grades.only(*(str(grade) for grade in range(HIGHEST_ICDR + 1)))
    told_of = [code for code in Dme if code is not Dme.NONE]
    oedema.only(*told_of)
    level.only("longest_zh", "longest_en", "hard_zh", "hard_en")
    warnings = tuple(_words(each) for each in table.tables("warning"))
    if not warnings:
        raise table.wrong("warning", "must name at least one sign")
    return NoticeWords(
        name=table.text("name"),
        version=table.text("version"),
        source=table.text("source"),
        most=table.whole("most", lowest=1),
        reading=ReadingLevel(
            longest_zh=level.whole("longest_zh", lowest=1),
            longest_en=level.whole("longest_en", lowest=1),
            hard_zh=level.texts("hard_zh"),
            hard_en=level.texts("hard_en"),
        ),
        icdr=MappingProxyType(
            {grade: grades.words(str(grade)) for grade in range(HIGHEST_ICDR + 1)}
        ),
        dme=MappingProxyType({code: oedema.words(code) for code in told_of}),
        eye=_coded(table, "eye", EyeCode),
        sign=_coded(table, "sign", EyeSign),
        next=_coded(table, "next", Next),
        warnings=warnings,
    )


_T = TypeVar("_T", bound=enum.StrEnum)


def _coded(table: RuleTable, key: str, kind: type[_T]) -> Mapping[_T, Words]:
    below = table.table(key)
    below.only(*kind)
    return MappingProxyType({code: below.words(code) for code in kind})


def _words(table: RuleTable) -> Words:
    table.only("zh", "en")
    return Words(zh=table.text("zh"), en=table.text("en"))

"""The result notice says in plain words what the structured report says, and nothing else."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from typing import Any

import pytest

from consult.kernel.eyes import Eye, EyeStatus
from consult.kernel.rules import MalformedRulesError
from consult.kernel.words import Words
from consult.reports.body import body_as_json
from consult.reports.model import Dme, ReferralNeed, ReferralUrgency
from consult.reports.result_notice.model import (
    EyeSign,
    Next,
    NextSaid,
    NoticeWords,
    months_after,
    parse_notice_words,
    say_eyes,
    say_next,
)
from consult.reports.tellings.model import TellingKind
from tests.makers.readings import graded, ungradable, unread
from tests.makers.reports import full_body
from tests.makers.rulebooks import broken, read_config
from tests.makers.second_readings import normal_body

SIGNED_ON = date(2026, 1, 5)
DAYS = {
    ReferralUrgency.EMERGENCY: 0,
    ReferralUrgency.URGENT: 7,
    ReferralUrgency.ROUTINE: 90,
}
CANARY = "金丝雀 canary"
_END_ZH, _END_EN = re.compile("[。！？；：]"), re.compile("[.!?;:]")


@cache
def words() -> NoticeWords:
    return parse_notice_words(read_config("result_notice.toml"))


def too_hard(said: Words, level: NoticeWords) -> list[str]:
    """What of a text is too long or too learned for the reader."""
    reading = level.reading
    found = [
        sentence
        for sentence in _END_ZH.split(re.sub(r"{\w+}", "某年某月某日", said.zh))
        if len(sentence) > reading.longest_zh
    ]
    found += [
        sentence
        for sentence in _END_EN.split(said.en)
        if len(sentence.split()) > reading.longest_en
    ]
    found += [hard for hard in reading.hard_zh if hard in said.zh]
    return found + [hard for hard in reading.hard_en if hard in said.en.lower()]


def every_text(value: object) -> Iterator[Words]:
    """Every text of the notice's words."""
    if isinstance(value, Words):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from every_text(each)
    elif isinstance(value, tuple):
        for each in value:
            yield from every_text(each)
    elif is_dataclass(value):
        for item in fields(value):
            yield from every_text(getattr(value, item.name))


def test_every_sentence_is_short_and_without_the_words_of_doctors() -> None:
    found = list(every_text(words()))
    assert len(found) > 25
    assert {said.zh: hard for said in found if (hard := too_hard(said, words()))} == {}


@pytest.mark.parametrize(
    "said",
    [
        Words("视网膜有损伤。", "Damage was seen."),
        Words("有损伤。", "Diabetic retinopathy was seen."),
        Words("有" * 27 + "。", "Damage was seen."),
        Words("有损伤。", "a " * 17 + "."),
    ],
)
def test_a_sentence_that_is_long_or_learned_would_be_found(said: Words) -> None:
    assert too_hard(said, words())


def content(**changes: Any) -> dict[str, Any]:
    """What the notice is made from."""
    return {"body": body_as_json(normal_body(**changes)), "outcome": {"rank": "follow_up"}}


@pytest.mark.parametrize(
    ("reading", "sign", "count"),
    [
        (graded(0), EyeSign.CLEAN, 1),
        (graded(1), EyeSign.FINDING, 1),
        (graded(4, Dme.PRESENT), EyeSign.FINDING, 2),
        (graded(0, Dme.SUSPECTED), EyeSign.FINDING, 2),
        (graded(0, Dme.CANNOT_TELL), EyeSign.UNCLEAR, 2),
        (ungradable(), EyeSign.UNCLEAR, 1),
        (unread(EyeStatus.ABSENT), EyeSign.UNCLEAR, 1),
        (unread(EyeStatus.PRESENT), EyeSign.UNCLEAR, 1),
    ],
)
def test_an_eye_is_drawn_clean_only_where_it_was_read_and_nothing_was_found(
    reading: Any, sign: EyeSign, count: int
) -> None:
    right, left = say_eyes(content(left=reading), words())
    assert (right.eye, right.sign) == (Eye.RIGHT, EyeSign.CLEAN)
    assert (left.eye, left.sign, len(left.sentences)) == (Eye.LEFT, sign, count)


def test_every_grade_has_a_sentence_of_its_own() -> None:
    said = {say_eyes(content(left=graded(grade)), words())[1].sentences for grade in range(5)}
    assert len(said) == 5


@pytest.mark.parametrize(
    ("changes", "kind", "first"),
    [
        ({"interval_months": 12}, TellingKind.PLAIN, NextSaid(Next.AGAIN, date(2027, 1, 5))),
        (
            {"left": ungradable(), "interval_months": 6},
            TellingKind.UNGRADABLE,
            NextSaid(Next.AGAIN_PHOTOGRAPHS, date(2026, 7, 5)),
        ),
        (
            {"need": ReferralNeed.REFER, "referral_urgency": ReferralUrgency.ROUTINE},
            TellingKind.REFER,
            NextSaid(Next.SEE, date(2026, 4, 5)),
        ),
        (
            {"need": ReferralNeed.URGENT, "referral_urgency": ReferralUrgency.URGENT},
            TellingKind.URGENT,
            NextSaid(Next.SEE, date(2026, 1, 12)),
        ),
        (
            {"need": ReferralNeed.URGENT, "referral_urgency": ReferralUrgency.EMERGENCY},
            TellingKind.URGENT,
            NextSaid(Next.AT_ONCE),
        ),
        ({"interval_months": None}, TellingKind.FINDING, NextSaid(Next.ASK)),
    ],
)
def test_what_is_to_be_done_stands_first_with_its_day(
    changes: dict[str, Any], kind: TellingKind, first: NextSaid
) -> None:
    told = {"body": body_as_json(full_body(**{"need": ReferralNeed.NONE,
                                              "referral_urgency": None, **changes}))}  # fmt: skip
    steps = say_next(told, kind, signed_on=SIGNED_ON, within_days=DAYS)
    assert steps[0] == first
    assert steps[-1].code is Next.CARE


def test_what_no_grade_says_is_asked_of_the_doctor() -> None:
    told = content(left=graded(findings="玻璃膜疣"))
    steps = say_next(told, TellingKind.FINDING, signed_on=SIGNED_ON, within_days=DAYS)
    assert Next.ASK in [step.code for step in steps]


def test_a_retracted_result_is_void_and_nothing_else() -> None:
    steps = say_next({}, TellingKind.RETRACTED, signed_on=SIGNED_ON, within_days=DAYS)
    assert steps == (NextSaid(Next.VOID),)


def test_nothing_that_anybody_typed_is_said() -> None:
    told = content(left=graded(2))
    marked = _typed(told, CANARY)
    assert CANARY in str(marked), "the control: what was typed is there"
    said = say_eyes(marked, words())
    steps = say_next(marked, TellingKind.REFER, signed_on=SIGNED_ON, within_days=DAYS)
    assert CANARY not in str((said, steps))
    assert said == say_eyes(told, words())


def _typed(told: dict[str, Any], text: str) -> dict[str, Any]:
    """The same report in which every free text says something else."""
    body = dict(told["body"])
    for key in ("impression", "answer", "advice", "override_reason", "limits"):
        body[key] = text
    for eye in Eye:
        body[eye] = {**body[eye], "findings": text, "waiver": text, "grade_reason": text}
    return {**told, "body": body}


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 5), 12, date(2027, 12, 5)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last(day: date, months: int, then: date) -> None:
    assert months_after(day, months) == then


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("icdr.4", None),
        ("dme.suspected", None),
        ("sign.clean", {"zh": "好"}),
        ("next.see", {"zh": " ", "en": "See"}),
        ("warning", []),
        ("warning.0.fr", "x"),
        ("reading.longest_zh", 0),
        ("most", 0),
    ],
)
def test_words_that_leave_a_code_unsaid_are_refused(place: str, value: object) -> None:
    with pytest.raises(MalformedRulesError):
        parse_notice_words(broken(read_config("result_notice.toml"), place, value))

"""When an earlier exam counts: by the dates of both institutions, whatever their zones."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from consult.cases.model import ServiceType
from consult.cases.protocol import FieldCode
from consult.cases.recognition.model import is_valid, parse_recognition_rules
from consult.kernel.rules import MalformedRulesError
from server.terms import load_terms
from tests.makers.consortium import CONFIG
from tests.makers.rulebooks import read_config

ZONES = ("Asia/Shanghai", "Asia/Urumqi", "Europe/London", "America/New_York", "Pacific/Kiritimati")
FUNDUS = "1.2.840.10008.5.1.4.1.1.77.1.5.1"


def counts(taken_at: datetime, now: datetime, days: int = 90, **zones: str) -> bool:
    told = {"taken_in": "Asia/Shanghai", "asked_in": "Asia/Shanghai", **zones}
    return is_valid(taken_at, now=now, days=days, **told)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 1, 5, 15, 59, tzinfo=UTC), True),  # the same day at 23:59 in Shanghai
        (
            datetime(2026, 4, 5, 15, 59, 59, tzinfo=UTC),
            True,
        ),  # the last moment of the ninetieth day
        (datetime(2026, 4, 5, 16, 0, tzinfo=UTC), False),  # midnight
        (datetime(2026, 1, 4, 23, 0, tzinfo=UTC), False),  # before it was taken
    ],
)
def test_it_counts_to_the_midnight_that_ends_its_last_day(now: datetime, *, expected: bool) -> None:
    assert counts(datetime(2026, 1, 5, 0, 20, tzinfo=UTC), now) is expected


def test_the_day_is_each_institutions_own() -> None:
    taken = datetime(2026, 1, 4, 17, 0, tzinfo=UTC)  # the fifth in Shanghai, the fourth in London
    now = datetime(2026, 4, 5, 10, 0, tzinfo=UTC)
    assert counts(taken, now)
    assert not counts(taken, now, taken_in="Europe/London")
    late = datetime(2026, 4, 5, 20, 0, tzinfo=UTC)  # the sixth in Shanghai
    assert not counts(taken, late)
    assert counts(taken, late, asked_in="Europe/London")


def test_in_every_zone_it_counts_without_a_gap_and_about_as_long_as_it_should() -> None:
    """1,000 drawn exams: once ended it stays ended, and no zone moves the end by two days."""
    chance = random.Random(20260105)  # noqa: S311 - a repeatable draw
    for _ in range(1000):
        taken = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=chance.randrange(31_536_000))
        days = chance.randrange(1, 200)
        zones = {"taken_in": chance.choice(ZONES), "asked_in": chance.choice(ZONES)}
        hours = sorted(chance.randrange(0, 24 * (days + 4)) for _ in range(12))
        seen = [counts(taken, taken + timedelta(hours=hour), days, **zones) for hour in hours]
        assert seen == sorted(seen, reverse=True), (taken, days, zones)
        assert counts(taken, taken + timedelta(days=days - 1), days, **zones)
        assert not counts(taken, taken + timedelta(days=days + 2, hours=1), days, **zones)
        assert not counts(taken, taken - timedelta(seconds=1), days, **zones)
        last = (taken.astimezone(ZoneInfo(zones["taken_in"])) + timedelta(days=days)).date()
        noon = datetime(last.year, last.month, last.day, 12, tzinfo=ZoneInfo(zones["asked_in"]))
        assert counts(taken, noon, days, **zones) is (noon >= taken)


def test_the_shipped_rules_know_each_kind_and_have_words_for_every_code() -> None:
    rules = parse_recognition_rules(read_config("recognition.toml"))
    assert rules.kind_of(FUNDUS, FieldCode.MACULA_CENTRED) == "fundus_photograph"
    assert rules.kind_of(FUNDUS, FieldCode.EXTERNAL) is None
    assert rules.kind_of("1.2.840.10008.5.1.4.1.1.104.1", None) is None
    assert all(rules.asks[service] for service in ServiceType)
    terms = load_terms(CONFIG / "terms")
    assert [code for code, _words in terms.choices("en", "repeat_reason")] == [
        *rules.repeat_reasons
    ]
    assert {code for code, _words in terms.choices("zh-Hans", "exam_kind")} == set(rules.kinds)


@pytest.mark.parametrize(
    "wrong",
    [
        {"asks": {"screening_read": ["x_ray"]}},
        {"asks": {"autopsy": ["ct"]}},
        {"repeat_reasons": []},
        {"needs_note": ["whim"]},
        {"unknown": 1},
    ],
)
def test_malformed_rules_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(MalformedRulesError):
        parse_recognition_rules({**read_config("recognition.toml"), **wrong})


def test_one_sop_class_is_of_one_kind() -> None:
    document = dict(read_config("recognition.toml"))
    document["kind"] = {
        code: {**kind, "sop_classes": [FUNDUS]} for code, kind in document["kind"].items()
    }
    with pytest.raises(MalformedRulesError):
        parse_recognition_rules(document)

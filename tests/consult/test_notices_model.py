"""When a notice goes, and where it may go to at all."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from consult.kernel.ids import PractitionerId
from consult.kernel.rules import MalformedRulesError
from consult.notices.model import (
    Line,
    NoticeEvent,
    Way,
    WayForm,
    WayKind,
    parse_digests,
    parse_notice_rules,
    problems_of,
    time_to_send,
)
from server.notices.robots import signed
from tests.makers.rulebooks import broken, read_config

RULES = parse_notice_rules(read_config("notices.toml"))
WAY = Way(
    id="w",
    person_id=PractitionerId("p"),
    kind=WayKind.EMAIL,
    address="li@hospital.example",
    events=frozenset(NoticeEvent),
    quiet_from="21:30",
    quiet_until="07:00",
    digests=(),
    zone="Asia/Shanghai",
    language="zh-Hans",
    line=Line(),
)
FORM = WayForm(WayKind.EMAIL, "li@hospital.example", "", frozenset({NoticeEvent.WAITING}))


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    """A time of January 2026 in Shanghai, which is eight hours ahead."""
    return datetime.fromisoformat(f"2026-01-{day:02}T{hour:02}:{minute:02}:00+08:00").astimezone(
        UTC
    )


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        (shanghai(5, 12), shanghai(5, 12)),
        (shanghai(5, 21, 29), shanghai(5, 21, 29)),
        (shanghai(5, 21, 30), shanghai(6, 7)),
        (shanghai(6, 2), shanghai(6, 7)),
        (shanghai(6, 7), shanghai(6, 7)),
    ],
)
def test_quiet_hours_wait_for_the_morning_except_for_what_is_urgent(
    now: datetime, sent: datetime
) -> None:
    assert time_to_send(WAY, now=now, is_urgent=False) == sent
    assert time_to_send(WAY, now=now, is_urgent=True) == now


def test_quiet_hours_of_one_day_end_on_that_day() -> None:
    noon = replace(WAY, quiet_from="12:00", quiet_until="14:00")
    assert time_to_send(noon, now=shanghai(5, 13), is_urgent=False) == shanghai(5, 14)
    assert time_to_send(noon, now=shanghai(5, 23), is_urgent=False) == shanghai(5, 23)


def test_a_digest_waits_for_its_hour_and_for_the_end_of_quiet() -> None:
    daily = replace(WAY, digests=("08:00",))
    assert time_to_send(daily, now=shanghai(5, 7, 59), is_urgent=False) == shanghai(5, 8)
    assert time_to_send(daily, now=shanghai(5, 8, 1), is_urgent=False) == shanghai(6, 8)
    at_night = replace(WAY, digests=("06:00",))
    assert time_to_send(at_night, now=shanghai(5, 12), is_urgent=False) == shanghai(6, 7)
    assert time_to_send(daily, now=shanghai(5, 12), is_urgent=True) == shanghai(5, 12)


@pytest.mark.parametrize(
    ("now", "sent"),
    [
        (shanghai(5, 8), shanghai(5, 12)),
        (shanghai(5, 12), shanghai(5, 12)),
        (shanghai(5, 12, 1), shanghai(5, 17)),
        (shanghai(5, 17, 1), shanghai(6, 12)),
    ],
)
def test_of_several_digests_the_next_takes_what_waits(now: datetime, sent: datetime) -> None:
    noon_and_evening = replace(WAY, digests=parse_digests("17:00，12:00"))
    assert time_to_send(noon_and_evening, now=now, is_urgent=False) == sent
    assert time_to_send(noon_and_evening, now=now, is_urgent=True) == now


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("", ()),
        ("08:00", ("08:00",)),
        ("17:00 12:00", ("12:00", "17:00")),
        ("12:00，17:00、12:00；09:30,21:00", ("09:30", "12:00", "17:00", "21:00")),
    ],
)
def test_times_are_read_as_people_write_them(text: str, times: tuple[str, ...]) -> None:
    assert parse_digests(text) == times
    assert problems(digests=times) == {}


def test_no_more_than_four_digests_and_each_a_time_of_day() -> None:
    many = parse_digests("08:00 10:00 12:00 14:00 16:00")
    assert problems(digests=many) == {"digests": "notice-digests-many"}
    for text in ("noon", "25:00", "8:00", "12:00 17"):
        assert problems(digests=parse_digests(text)) == {"digests": "notice-time-malformed"}, text


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        (WayKind.EMAIL, "li@hospital.example"),
        (WayKind.WECOM, "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"),
        (WayKind.DINGTALK, "https://oapi.dingtalk.com/robot/send?access_token=1"),
        (WayKind.WECOM, "http://relay.hospital.example:8080/send"),
    ],
)
def test_these_addresses_are_taken(kind: WayKind, address: str) -> None:
    assert problems(kind=kind, address=address) == {}


@pytest.mark.parametrize(
    ("kind", "address", "code"),
    [
        (WayKind.EMAIL, "", "field-missing"),
        (WayKind.EMAIL, "li@a\r\nBcc: x@b", "notice-mail-malformed"),
        (WayKind.EMAIL, "li@a> NOTIFY", "notice-mail-malformed"),
        (WayKind.EMAIL, "https://qyapi.weixin.qq.com/", "notice-mail-malformed"),
        (WayKind.WECOM, "http://qyapi.weixin.qq.com/send", "notice-robot-address"),
        (WayKind.WECOM, "https://oapi.dingtalk.com/robot/send", "notice-robot-address"),
        (WayKind.DINGTALK, "https://127.0.0.1/", "notice-robot-address"),
        (WayKind.DINGTALK, "https://oapi.dingtalk.com:8443/", "notice-robot-address"),
        (WayKind.DINGTALK, "https://x@oapi.dingtalk.com/", "notice-robot-address"),
        (WayKind.DINGTALK, "https://oapi.dingtalk.com.evil.example/", "notice-robot-address"),
        (WayKind.DINGTALK, "https://oapi.dingtalk.com/ x", "notice-robot-address"),
        (WayKind.DINGTALK, "https://[::1", "notice-robot-address"),
        (WayKind.WECOM, "http://relay.hospital.example:8081/send", "notice-robot-address"),
    ],
)
def test_no_other_address_is(kind: WayKind, address: str, code: str) -> None:
    assert problems(kind=kind, address=address) == {"address": code}


def test_times_are_times_of_a_day_and_quiet_has_two_ends() -> None:
    assert problems(quiet_from="21:00") == {"quiet_until": "field-missing"}
    assert problems(quiet_until="24:00", quiet_from="9:00") == {
        "quiet_from": "notice-time-malformed",
        "quiet_until": "notice-time-malformed",
    }
    assert problems(events=frozenset()) == {"events": "field-missing"}


def test_dingtalk_is_signed_as_its_robot_computes_it() -> None:
    found = signed(
        "https://oapi.dingtalk.com/robot/send?access_token=1", secret="SEC1", now_ms=1577262236757
    )
    assert found == (
        "https://oapi.dingtalk.com/robot/send?access_token=1&timestamp=1577262236757"
        "&sign=ITVtMhBxlMWAso4YOWiyBDr7oDB8KSVHGqHA5hI1Ros%3D"
    )


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("wait_s", []),
        ("wait_s", [0]),
        ("most_lines", 0),
        ("hosts.sms", ["x"]),
        ("unheard_of", 1),
    ],
)
def test_malformed_rules_stop_the_start(place: str, value: object) -> None:
    with pytest.raises(MalformedRulesError):
        parse_notice_rules(broken(read_config("notices.toml"), place, value))


def problems(**changes: object) -> dict[str, str]:
    """What is wrong with a form, by field."""
    form = replace(FORM, **changes)  # type: ignore[arg-type]
    origins = ["http://relay.hospital.example:8080"]
    return {each.field: each.code for each in problems_of(form, rules=RULES, origins=origins)}

"""What a status of an archive means for an object: it is there, never will be, or may be later."""

import json
from typing import Any

import pytest

from consult.reports.dispatches.model import ObjectState, SentObject
from consult.reports.objects.model import ObjectKind
from imaging.dimse.incoming import ObjectName
from server.dispatching.judging import judge
from server.dispatching.parcels import Parcel
from server.dispatching.stow import judge_answer

SENT, WAITING, REFUSED = ObjectState.SENT, ObjectState.WAITING, ObjectState.REFUSED


@pytest.mark.parametrize(
    ("status", "state", "code"),
    [
        (0x0000, SENT, ""),
        (0xB000, SENT, "warning:B000"),
        (0xB007, SENT, "warning:B007"),
        (0x0111, SENT, "duplicate:0111"),
        (0xA700, WAITING, "no-room:A700"),
        (0xA7FF, WAITING, "no-room:A7FF"),
        (0x0110, WAITING, "processing:0110"),
        (0x0124, WAITING, "not-authorised:0124"),
        (0xA900, REFUSED, "mismatch:A900"),
        (0xC000, REFUSED, "not-understood:C000"),
        (0xCFFF, REFUSED, "not-understood:CFFF"),
        (0x0122, REFUSED, "class-refused:0122"),
        (0x0117, REFUSED, "uid-refused:0117"),
        (0x0106, REFUSED, "refused:0106"),
        (0xFE00, REFUSED, "refused:FE00"),
        (None, REFUSED, "class-refused"),
    ],
)
def test_a_status_means_the_same_by_both_ways(
    status: int | None, state: ObjectState, code: str
) -> None:
    judged = judge(status)
    assert (judged.state, judged.code) == (state, code)


ONE, TWO = "1.2.3", "1.2.4"


def parcels() -> list[Parcel]:
    """Two objects that went."""
    return [
        Parcel(SentObject(uid, ObjectKind.PAPER), ObjectName("1", uid, "2"), -1, 0)
        for uid in (ONE, TWO)
    ]


def document(stored: list[str], failed: dict[str, int]) -> dict[str, Any]:
    """The answer of a service (PS3.18 I.2.2)."""

    def item(uid: str, **more: Any) -> dict[str, Any]:
        return {"00081155": {"vr": "UI", "Value": [uid]}, **more}

    refused = [
        item(uid, **{"00081197": {"vr": "US", "Value": [reason]}}) for uid, reason in failed.items()
    ]
    return {
        "00081199": {"vr": "SQ", "Value": [item(uid) for uid in stored]},
        "00081198": {"vr": "SQ", "Value": refused},
    }


def test_what_is_stored_with_a_remark_is_stored_whatever_the_remark_is() -> None:
    told = document([ONE, TWO], {})
    for item, remark in zip(told["00081199"]["Value"], (0xB000, 0xA700), strict=True):
        item["00081196"] = {"vr": "US", "Value": [remark]}
    tried = judge_answer(parcels(), 200, json.dumps(told).encode())
    assert {uid: (each.state, each.code) for uid, each in tried.objects.items()} == {
        ONE: (SENT, "warning:B000"),
        TWO: (SENT, "warning:0001"),
    }


@pytest.mark.parametrize(
    ("status", "told", "states", "failure"),
    [
        (200, b"", {}, "http-unclear:200"),
        (200, b"<html>Sign in</html>", {}, "http-unclear:200"),
        (200, b'{"status":"ok"}', {}, "http-unclear:200"),
        (200, document([ONE], {}), {ONE: SENT}, "http-unclear:200"),
        (200, [document([ONE, TWO], {})], {ONE: SENT, TWO: SENT}, ""),
        (200, document([ONE], {TWO: 0xC000}), {ONE: SENT, TWO: REFUSED}, ""),
        (202, document([ONE], {TWO: 0xA700}), {ONE: SENT}, "no-room:A700"),
        (202, document([ONE], {}), {ONE: SENT}, "http-unclear:202"),
        (202, b"", {}, "http-unclear:202"),
        (409, document([], {ONE: 0x0111, TWO: 0xA900}), {ONE: SENT, TWO: REFUSED}, ""),
        (409, document(["9.9"], {"8.8": 1}), {}, "http-unclear:409"),
        (409, b"[" * 100_000, {}, "http-unclear:409"),
        (200, {"00081198": {"Value": [7, {"00081155": 3}]}}, {}, "http-unclear:200"),
        (400, b"", {}, "http-refused:400"),
    ],
)
def test_an_answer_is_read_object_by_object(
    status: int, told: Any, states: dict[str, ObjectState], failure: str
) -> None:
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    tried = judge_answer(parcels(), status, raw)
    assert {uid: each.state for uid, each in tried.objects.items()} == states
    assert tried.failure == failure

"""The limits of the automatic check: each from its file, with the value beside it that fails."""

from collections.abc import Callable
from typing import Any

import pytest

from consult.kernel.rules import MalformedRulesError
from consult.studies.quality import (
    MEASURES,
    QualityFault,
    QualityVerdict,
    check_quality,
    kept,
    of_kept,
    parse_quality_rules,
)
from tests.makers.rulebooks import read_config

RULES = parse_quality_rules(read_config("quality.toml"))
GOOD = {
    "field_px": 1000.0,
    "field": 0.95,
    "light": 100.0,
    "clipped": 0.0,
    "evenness": 0.7,
    "focus": 1.2,
    "vessels": 0.12,
}


def verdict_of(**measures: float | None) -> QualityVerdict:
    return check_quality({**GOOD, **measures}, RULES, is_fundus=True).verdict


@pytest.mark.parametrize("limit", RULES.limits, ids=lambda each: f"{each.fault}-{each.measure}")
def test_each_limit_tells_good_from_usable_from_retake(limit: Any) -> None:
    step = -0.001 if limit.is_least else 0.001
    assert verdict_of(**{limit.measure: limit.good}) is QualityVerdict.GOOD
    assert verdict_of(**{limit.measure: limit.good + step}) is QualityVerdict.USABLE
    assert verdict_of(**{limit.measure: limit.usable}) is QualityVerdict.USABLE
    assert verdict_of(**{limit.measure: limit.usable + step}) is QualityVerdict.RETAKE


def test_a_good_photograph_has_no_finding_and_one_that_is_not_measured_no_fault() -> None:
    assert set(GOOD) == set(MEASURES)
    assert verdict_of() is QualityVerdict.GOOD
    assert verdict_of(**dict.fromkeys(MEASURES)) is QualityVerdict.GOOD
    assert check_quality({}, RULES, is_fundus=False).verdict is QualityVerdict.OTHER
    assert not check_quality({"focus": 0.1}, RULES, is_fundus=False).findings


def test_another_limit_gives_another_verdict() -> None:
    document = read_config("quality.toml")
    assert verdict_of(focus=0.7) is QualityVerdict.USABLE
    for row in document["limit"]:
        if row["fault"] == "blurred":
            row["least"] = {"good": 0.7, "usable": 0.6}
    laxer = parse_quality_rules(document | {"version": "of the hospital"})
    found = check_quality({**GOOD, "focus": 0.7}, laxer, is_fundus=True)
    assert (found.verdict, found.version) == (QualityVerdict.GOOD, "of the hospital")


def test_the_check_is_kept_with_measure_value_limit_and_version() -> None:
    found = check_quality({**GOOD, "focus": 0.3, "light": 40.0}, RULES, is_fundus=True)
    assert [each.fault for each in found.findings] == [QualityFault.TOO_DARK, QualityFault.BLURRED]
    assert found.worst is not None
    assert found.worst.fault is QualityFault.BLURRED  # the grave one is told, not the first one
    told = kept(found)
    assert told is not None
    assert told["version"] == RULES.version
    assert told["findings"][1] == {
        "fault": "blurred",
        "is_grave": True,
        "measure": "focus",
        "value": 0.3,
        "limit": 0.55,
    }
    assert of_kept(told) == found
    assert (kept(None), of_kept(None)) == (None, None)


def test_one_fault_by_two_measures_is_told_once_and_by_the_graver() -> None:
    for clipped, light in ((0.2, 150.0), (0.05, 200.0)):
        found = check_quality({**GOOD, "clipped": clipped, "light": light}, RULES, is_fundus=True)
        (finding,) = found.findings
        assert (finding.fault, finding.is_grave) == (QualityFault.TOO_BRIGHT, True)


@pytest.mark.parametrize(
    ("key", "spoil"),
    [
        ("limit", lambda rows: rows.pop()),
        ("limit", lambda rows: rows.append(rows[0])),
        ("limit.0.measure", lambda rows: rows[0].update(measure="beauty")),
        ("limit.0.fault", lambda rows: rows[0].update(fault="ugly")),
        ("limit.0.least", lambda rows: rows[0].update(most={"good": 1, "usable": 2})),
        ("limit.0.least", lambda rows: rows[0].pop("least")),
        ("limit.0.least.usable", lambda rows: rows[0]["least"].update(usable=0.9)),
        ("limit.2.most.usable", lambda rows: rows[2]["most"].update(usable=1)),
        ("limit.0.least.good", lambda rows: rows[0]["least"].pop("usable")),
        ("limit.0.least.colour", lambda rows: rows[0]["least"].update(colour=1)),
    ],
)
def test_a_spoilt_limit_stops_the_start_and_names_its_place(
    key: str, spoil: Callable[[list[dict[str, Any]]], object]
) -> None:
    document = read_config("quality.toml")
    spoil(document["limit"])
    with pytest.raises(MalformedRulesError) as refusal:
        parse_quality_rules(document)
    assert refusal.value.key == key

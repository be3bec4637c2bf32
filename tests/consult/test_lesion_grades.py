"""The truth tables of the grades that lesions make, against tables written out by hand (VW-06)."""

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consult.kernel.rules import MalformedRulesError
from consult.reports.lesion_rules import Span, parse_lesion_rules
from consult.reports.lesions import Lesion, Lesions, Said
from tests.makers.lesions import ABSENT, BY_QUADRANT, CODES, RULES, only, present, ticked
from tests.makers.rulebooks import broken, read_config

FILE = read_config("lesion_grades.toml")
SCALES = {scale.code: scale for scale in RULES.scales}
PROLIFERATIVE = ("nvd", "nve", "preretinal", "vitreous", "fibrous")
MODERATE = (
    "blot_haemorrhage",
    "hard_exudate",
    "cotton_wool",
    "venous_loop",
    "venous_reduplication",
)
NOTHING = ticked()
LOW, FINE = {"low_acuity": present()}, {"low_acuity": ABSENT}


def grade(scale: str, said: Lesions) -> str | None:
    """The computed grade; None where it is not settled."""
    span = SCALES[scale].span(said)
    return span.low if span.is_settled else None


def subsets(codes: Iterable[str]) -> Iterable[tuple[str, ...]]:
    codes = tuple(codes)
    return itertools.chain.from_iterable(
        itertools.combinations(codes, size) for size in range(len(codes) + 1)
    )


def by_quadrants() -> Iterable[dict[str, Lesion]]:
    """Haemorrhage, beading and IRMA: absent, or seen in none to four quadrants."""
    degrees = [ABSENT, *(present(count) for count in range(5))]
    for three in itertools.product(degrees, repeat=3):
        yield dict(zip(BY_QUADRANT, three, strict=True))


def icdr_by_hand(said: Mapping[str, Lesion]) -> str:
    """C5 in other words than the file's: 4-2-1, and more than microaneurysms alone."""
    haemorrhage, beading, irma = (said[code] for code in BY_QUADRANT)
    seen = {code for code, lesion in said.items() if lesion.is_present}
    if seen & {*PROLIFERATIVE, "stable"}:
        return "4"
    if len(haemorrhage.quadrants) == 4 or len(beading.quadrants) >= 2 or irma.quadrants:
        return "3"
    if seen & {*MODERATE, *BY_QUADRANT}:
        return "2"
    return "1" if "microaneurysm" in seen else "0"


def nhs_r_by_hand(said: Mapping[str, Lesion]) -> str:
    """A isolated cotton-wool spot is R0, a venous loop R1; stable treated disease R3S."""
    seen = {code for code, lesion in said.items() if lesion.is_present}
    is_stable = "stable" in seen
    if seen & {"preretinal", "vitreous"} or (seen & {"nvd", "nve", "fibrous"} and not is_stable):
        return "R3A"
    if is_stable and "laser" in seen:
        return "R3S"
    if seen & {"blot_haemorrhage", "venous_beading", "venous_reduplication", "irma"}:
        return "R2"
    return "R1" if seen & {"microaneurysm", "haemorrhage", "hard_exudate", "venous_loop"} else "R0"


def test_icdr_is_complete_over_proliferation_and_quadrants() -> None:
    cells = 0
    for grown in subsets(PROLIFERATIVE):
        for counted in by_quadrants():
            said = ticked(*grown) | counted
            assert grade("icdr", said) == icdr_by_hand(said), (grown, counted)
            cells += 1
    assert cells == 2**5 * 6**3


def test_icdr_is_complete_below_proliferation() -> None:
    cells = 0
    for mild in subsets(("microaneurysm", *MODERATE)):
        for counted in by_quadrants():
            said = ticked(*mild) | counted
            assert grade("icdr", said) == icdr_by_hand(said), (mild, counted)
            cells += 1
    assert cells == 2**6 * 6**3


def test_nhs_retinopathy_is_complete() -> None:
    asked = (*PROLIFERATIVE, "stable", "laser", "microaneurysm", "haemorrhage", "blot_haemorrhage",
             "hard_exudate", "cotton_wool", "venous_loop")  # fmt: skip
    cells = 0
    for seen in subsets(asked):
        said = ticked(*seen)
        assert grade("nhs_r", said) == nhs_r_by_hand(said), seen
        cells += 1
    for seen in subsets(("venous_beading", "venous_reduplication", "irma", "nvd", "microaneurysm")):
        assert grade("nhs_r", ticked(*seen)) == nhs_r_by_hand(ticked(*seen)), seen
    assert cells == 2**13


def test_maculopathy_is_complete_in_three_values() -> None:
    codes = ("exudate_1dd", "exudate_group", "thickening_1dd", "mah_1dd", "low_acuity")
    for states in itertools.product((True, False, None), repeat=len(codes)):
        said = {
            code: present() if state else ABSENT
            for code, state in zip(codes, states, strict=True)
            if state is not None
        }
        exudate, group, thick, mah, low = states
        pair = False if False in (mah, low) else None if None in (mah, low) else True
        parts = (exudate, group, thick, pair)
        wanted = "M1" if True in parts else None if None in parts else "M0"
        assert grade("nhs_m", said) == wanted, states


def test_oedema_is_complete() -> None:
    near = {"exudate_1dd", "exudate_group", "thickening_1dd"}
    exudates = {"exudate_pole", "exudate_1dd", "exudate_group", "centre_involved"}
    for each in subsets(sorted(near | exudates)):
        seen = set(each)
        wanted = "suspected" if seen & exudates else "none"
        assert grade("dme", ticked(*seen)) == ("present" if "thickening_1dd" in seen else wanted), (
            seen
        )
        far = "mild" if "exudate_pole" in seen else "absent"
        beside = "moderate" if seen & near else far
        by_distance = "severe" if "centre_involved" in seen else beside
        assert grade("dme_class", ticked(*seen)) == by_distance, seen


@pytest.mark.parametrize(
    ("scale", "said", "wanted"),
    [
        ("nhs_r", ticked("cotton_wool"), "R0"),
        ("nhs_r", ticked("cotton_wool", "microaneurysm"), "R1"),
        ("nhs_r", ticked("venous_loop"), "R1"),
        ("icdr", ticked("cotton_wool"), "2"),
        ("icdr", ticked("haemorrhage", quadrants=3), "2"),
        ("icdr", ticked("haemorrhage", quadrants=4), "3"),
        ("icdr", ticked("venous_beading", quadrants=1), "2"),
        ("icdr", ticked("venous_beading", quadrants=2), "3"),
        ("icdr", ticked("irma"), "2"),
        ("icdr", ticked("irma", quadrants=1), "3"),
        ("nhs_r", ticked("nve", "laser", "stable"), "R3S"),
        ("nhs_r", ticked("vitreous", "laser", "stable"), "R3A"),
        ("nhs_p", ticked("laser"), "P1"),
        ("nhs_m", ticked("microaneurysm", "mah_1dd") | LOW, "M1"),
        ("nhs_m", ticked("microaneurysm", "mah_1dd") | FINE, "M0"),
        ("nhs_m", ticked("microaneurysm", "mah_1dd"), None),
    ],
)
def test_the_edges_of_the_gradings(scale: str, said: Lesions, wanted: str | None) -> None:
    assert grade(scale, said) == wanted


def test_what_was_not_said_is_not_taken_for_absent() -> None:
    assert grade("icdr", NOTHING) == "0"
    assert grade("icdr", {}) is None
    for code in CODES:
        silent = {known: lesion for known, lesion in NOTHING.items() if known != code}
        matters = any(code in str(row.lines) for row in SCALES["icdr"].rows)
        assert (grade("icdr", silent) is None) is (matters or code == "laser"), code


def test_one_lesion_seen_gives_the_least_and_leaves_what_may_be_there() -> None:
    assert SCALES["icdr"].span(only(["microaneurysm"])) == Span("1", "4")
    assert SCALES["icdr"].span(only(["haemorrhage"])) == Span("2", "4")
    assert SCALES["icdr"].span(only(["nvd"])) == Span("4", "4")
    assert SCALES["nhs_r"].span(only(["nvd"])) == Span("R0", "R3A")


def test_scars_of_a_laser_alone_are_no_grade_and_not_nothing() -> None:
    span = SCALES["icdr"].span(ticked("laser"))
    assert (span, span.is_settled) == (Span("1", "4"), False)
    assert not SCALES["icdr"].agrees(span, "0")
    assert grade("icdr", ticked("laser", "haemorrhage")) == "2"


def test_what_cannot_be_there_need_not_be_said() -> None:
    said = {"hard_exudate": ABSENT, "thickening_1dd": ABSENT}
    known = RULES.completed(said)
    assert {"exudate_pole", "exudate_1dd", "exudate_group", "centre_involved"} <= set(known)
    assert grade("dme", known) == "none"
    assert "mah_1dd" not in known


SAID = st.dictionaries(
    st.sampled_from(CODES),
    st.one_of(st.just(ABSENT), st.integers(0, 4).map(present)),
    max_size=len(CODES),
)


@settings(max_examples=300, deadline=None)
@given(said=SAID, code=st.sampled_from([code for code in CODES if code != "stable"]))
def test_seeing_one_more_lesion_never_lowers_a_grade(said: dict[str, Lesion], code: str) -> None:
    before = {**NOTHING, **said, code: ABSENT}
    after = before | {code: present(4)}
    for scale in RULES.scales:
        was, now = scale.span(before), scale.span(after)
        assert scale.grades.index(was.low) <= scale.grades.index(now.low), scale.code


@settings(max_examples=300, deadline=None)
@given(said=SAID, code=st.sampled_from(CODES), lesion=st.sampled_from([ABSENT, present(4)]))
def test_saying_more_never_widens_what_is_left_open(
    said: dict[str, Lesion], code: str, lesion: Lesion
) -> None:
    silent = {known: each for known, each in said.items() if known != code}
    for scale in RULES.scales:
        if scale.reader_decides and code in scale.reader_decides:
            continue  # scars of a laser are the one thing that takes a computed grade away
        wide, narrow = scale.span(silent), scale.span(silent | {code: lesion})
        if "laser" not in narrow_codes(silent):
            assert scale.grades.index(wide.low) <= scale.grades.index(narrow.low), scale.code
            assert scale.grades.index(narrow.high) <= scale.grades.index(wide.high), scale.code


def narrow_codes(said: Mapping[str, Lesion]) -> set[str]:
    return {code for code, lesion in said.items() if lesion.said is Said.PRESENT}


@pytest.mark.parametrize(
    ("place", "value", "key"),
    [
        ("lesion.1.code", "microaneurysm", "lesion.1.code"),
        ("lesion.2.needs", ["blood"], "lesion.2.needs"),
        ("scale.0.when.1", ["drusen"], "scale.0.when.1"),
        ("scale.0.when.1", ["microaneurysm in 2"], "scale.0.when.1"),
        ("scale.0.when.1", ["microaneurysm in 5"], "scale.0.when.1"),
        ("scale.0.when.1", [], "scale.0.when.1"),
        ("scale.0.when.1", None, "scale.0.when"),
        ("scale.0.reader_decides", ["sun"], "scale.0.reader_decides"),
        ("scale.0.colour", "red", "scale.0.colour"),
        ("lesion.0.code", "Micro", "lesion.0.code"),
    ],
)
def test_a_malformed_rule_names_its_key(place: str, value: Any, key: str) -> None:
    with pytest.raises(MalformedRulesError) as refusal:
        parse_lesion_rules(broken(FILE, place, value))
    assert refusal.value.key == key

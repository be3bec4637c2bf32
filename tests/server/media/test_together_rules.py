"""Who may show, point and draw in a room, whatever is said in whatever order (VID-04)."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.media.errors import RoomRefusal
from server.media.limits import load_media_rules
from server.media.line import LONGEST_LINE
from server.media.together.rules import TogetherRules
from server.media.together.showing import WORDS, Onlooker, Showing
from server.media.tokens import Sight
from tests.makers.house import ROOT
from tests.makers.together import IMAGE, stroke, view

PEOPLE = {"host": Sight.SHOW, "expert": Sight.SHOW, "photographer": Sight.LOOK, "guest": Sight.NONE}
SMALL = TogetherRules(
    said_at_once=9,
    said_a_second=9,
    most_strokes=3,
    most_points=12,
    longest_stroke=6,
    points_at_once=4,
)
_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=6,
)
_FRAME = st.fixed_dictionaries({"image": st.sampled_from([IMAGE, "b"]), "frame": st.just(1)})
_SAID = st.one_of(
    st.builds(
        lambda to: {"say": "present", "person": to}, st.sampled_from([*PEOPLE, "", "nobody", None])
    ),
    st.builds(lambda image: {"say": "view", "view": view(image=image)}, st.sampled_from("ab")),
    st.builds(lambda: {"say": "view", "view": view()}),
    st.builds(
        lambda of, at: {"say": "point", **of, "at": at},
        _FRAME,
        st.one_of(st.none(), st.just([5, 6])),
    ),
    st.builds(
        lambda name, of, n: {"say": "stroke", **stroke(name, *[(1, 2)] * n), **of},
        st.sampled_from("xyzw"),
        _FRAME,
        st.integers(1, 5),
    ),
    st.builds(
        lambda name: {"say": "erase", "stroke": name}, st.sampled_from(["x", "y", "z", None])
    ),
    st.builds(
        lambda word, junk: {**(junk if isinstance(junk, dict) else {"view": junk}), "say": word},
        st.sampled_from(sorted(WORDS)),
        _JUNK,
    ),
)


def make_showing(rules: TogetherRules = SMALL, gone: frozenset[str] = frozenset()) -> Showing:
    return Showing(rules, lambda who: who in PEOPLE and who not in gone, lambda who: PEOPLE[who])


def by(person: str) -> Onlooker:
    return Onlooker(person, is_host=person == "host", sight=PEOPLE[person])


def say(showing: Showing, person: str, /, **said: Any) -> str:
    """What is told; else the code of the refusal."""
    try:
        return str(showing.heed(by(person), said)["told"])
    except RoomRefusal as refused:
        return refused.code


def showing_by(person: str) -> Showing:
    """Somebody shows a picture."""
    showing = make_showing()
    assert say(showing, person, say="present", person=person) == "showing"
    assert say(showing, person, say="view", view=view()) == "view"
    return showing


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(PEOPLE)), _SAID), max_size=40))
def test_whatever_is_said_the_state_stays_small_and_only_its_presenter_moves_the_picture(
    talk: list[tuple[str, dict[str, Any]]],
) -> None:
    showing = make_showing()
    for person, said in talk:
        presenter, before = showing.presenter, showing.view
        drawn = {name: (each.author, len(each.points)) for name, each in showing.strokes.items()}
        try:
            showing.heed(by(person), said)
        except RoomRefusal:
            assert (showing.presenter, showing.view) == (presenter, before)
            assert drawn == {
                name: (each.author, len(each.points)) for name, each in showing.strokes.items()
            }, "what is refused changes nothing"
        if showing.view != before:
            assert said["say"] == "present" or person == presenter
        if showing.presenter != presenter:
            assert PEOPLE[person] is Sight.SHOW
            assert presenter in {"", person} or person == "host"
        assert showing.presenter == "" or PEOPLE[showing.presenter] is Sight.SHOW
        assert len(showing.strokes) <= SMALL.most_strokes
        assert all(len(each.points) <= SMALL.longest_stroke for each in showing.strokes.values())
        assert sum(len(each.points) for each in showing.strokes.values()) <= SMALL.most_points
        json.dumps(showing.state(), allow_nan=False)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(view())), _JUNK)
def test_a_view_with_one_part_of_nonsense_is_not_shown(part: str, junk: Any) -> None:
    showing = showing_by("expert")
    told = say(showing, "expert", say="view", view={**view(image="other"), part: junk})
    state = showing.view
    assert state is not None
    if told == "view":
        assert set(state) == set(view())
        json.dumps(state, allow_nan=False)
    else:
        assert (told, state["image"]) == ("view-malformed", IMAGE)


@pytest.mark.parametrize(
    "changes",
    [
        {"centre": [float("nan"), 1.0]},
        {"centre": [10**400, 1]},
        {"centre": [True, False]},
        {"field": [0, 1]},
        {"window": [5, 5]},
        {"frame": 0},
        {"frame": True},
        {"quarters": 4},
        {"quarters": 1.0},
        {"inverted": 1},
        {"image": "../../etc"},
        {"more": 1},
    ],
)
def test_what_no_picture_can_be_is_refused(changes: dict[str, Any]) -> None:
    showing = showing_by("expert")
    assert say(showing, "expert", say="view", view=view(**changes)) == "view-malformed"


def test_who_may_only_look_points_and_neither_shows_nor_draws() -> None:
    showing = showing_by("expert")
    assert say(showing, "photographer", say="present", person="photographer") == "not-presenter"
    hand = {"say": "point", "image": IMAGE, "frame": 1, "at": [3, 4]}
    assert say(showing, "photographer", **hand) == "point"
    assert say(showing, "photographer", say="stroke", **stroke("x")) == "may-not-show"
    assert say(showing, "expert", say="present", person="photographer") == "may-not-show"
    assert say(showing, "guest", **hand) == "may-not-look"


def test_the_picture_is_handed_over_by_who_shows_it_or_by_the_host_and_by_nobody_else() -> None:
    showing = showing_by("expert")
    assert say(showing, "host", say="view", view=view(frame=2)) == "not-presenter"
    assert say(showing, "expert", say="present", person="host") == "showing"
    assert say(showing, "expert", say="present", person="expert") == "not-presenter"
    assert say(showing, "host", say="present", person="expert") == "showing"
    assert say(showing, "host", say="present", person="host") == "showing", "the host takes it back"
    assert say(showing, "host", say="present", person="nobody") == "may-not-show"
    assert say(showing, "host", say="present", person="") == "showing"
    assert (showing.view, showing.strokes) == (None, {})


def test_who_shows_and_has_gone_holds_nobody_up() -> None:
    gone: set[str] = set()
    showing = Showing(SMALL, lambda who: who not in gone, lambda who: PEOPLE[who])
    assert say(showing, "host", say="present", person="host") == "showing"
    assert say(showing, "expert", say="present", person="expert") == "not-presenter"
    gone.add("host")
    assert say(showing, "expert", say="present", person="expert") == "showing"


def test_a_line_goes_on_by_its_own_hand_and_goes_by_hers_or_the_presenters() -> None:
    showing = showing_by("expert")
    assert say(showing, "host", say="stroke", **stroke("x")) == "stroke"
    assert say(showing, "expert", say="stroke", **stroke("x")) == "not-own-stroke"
    assert say(showing, "host", say="stroke", **stroke("x", frame=2)) == "not-shown"
    assert say(showing, "host", say="stroke", **stroke("x", (5, 6))) == "stroke"
    assert showing.strokes["x"].points == [(1, 2), (3, 4), (5, 6)]
    assert say(showing, "expert", say="erase", stroke="x") == "erased"
    assert say(showing, "expert", say="erase", stroke="x") == "not-own-stroke"


def test_everything_that_a_room_keeps_fits_into_one_message() -> None:
    rules, _ = load_media_rules(ROOT / "config")
    showing = Showing(rules.together, lambda _: True, lambda _: Sight.SHOW)
    far = -999_999.99
    name, person, picture = "s" * 62, "p" * 64, "i" * 64
    who = Onlooker(person, is_host=True, sight=Sight.SHOW)
    showing.heed(who, {"say": "present", "person": person})
    showing.heed(who, {"say": "view", "view": view(image=picture)})
    refused = 0
    for number in range(rules.together.most_strokes):
        for _ in range(rules.together.longest_stroke // rules.together.points_at_once):
            piece = stroke(
                f"{name}{number:02d}", *[(far, far)] * rules.together.points_at_once, image=picture
            )
            try:
                showing.heed(who, {"say": "stroke", **piece})
            except RoomRefusal:
                refused += 1
    assert refused > 0
    assert len(json.dumps(showing.state())) < LONGEST_LINE

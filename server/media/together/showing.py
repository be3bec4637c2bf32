"""Who shows what in a room: the state that everyone sees, and the rules of who may change it.

Nothing here reaches a line or a clock: what is said goes in, and what is to be told comes out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from server.media.errors import RoomRefusal
from server.media.together.parts import (
    Place,
    parse_frame,
    parse_name,
    parse_place,
    parse_places,
    parse_view,
)
from server.media.together.rules import TogetherRules
from server.media.tokens import Sight

Said = Mapping[str, Any]
Told = Mapping[str, Any]
_COLOURS: Final = 6


@dataclass(frozen=True, slots=True)
class Onlooker:
    """Who speaks."""

    person: str
    is_host: bool
    sight: Sight


@dataclass(slots=True)
class Stroke:
    """A line that somebody draws on one frame of one picture, in its pixels."""

    author: str
    image: str
    frame: int
    points: list[Place]


@dataclass(slots=True)
class Showing:
    """What a room looks at; `is_here` says whether a person is still in the room."""

    rules: TogetherRules
    is_here: Callable[[str], bool]
    sight_of: Callable[[str], Sight]
    presenter: str = ""
    view: Told | None = None
    strokes: dict[str, Stroke] = field(default_factory=dict)
    colours: dict[str, int] = field(default_factory=dict)

    def heed(self, who: Onlooker, said: Said) -> Told:
        """Do what somebody says; what the others are to be told. Raises RoomRefusal."""
        act = self.ACTS.get(str(said.get("say")))
        if act is None or who.sight is Sight.NONE:
            raise RoomRefusal("may-not-look")
        return act(self, who, said)

    def state(self) -> Told:
        """All of it, for whoever comes late."""
        return {
            "presenter": self.presenter,
            "view": self.view,
            "strokes": [
                {"stroke": name, **self._as_told(each), "points": each.points}
                for name, each in self.strokes.items()
            ],
        }

    def _present(self, who: Onlooker, said: Said) -> Told:
        """Begin to show, hand over, or (to nobody) show nothing any more."""
        to = "" if said.get("person") == "" else parse_name(said.get("person"))
        is_free = self.presenter == "" or not self.is_here(self.presenter)
        is_own = who.person == self.presenter or who.is_host
        if not (is_own or (is_free and to == who.person)) or who.sight is not Sight.SHOW:
            raise RoomRefusal("not-presenter")
        if to and not (self.is_here(to) and self.sight_of(to) is Sight.SHOW):
            raise RoomRefusal("may-not-show")
        self.presenter = to
        if to == "":
            self.view = None
            self.strokes.clear()
        return {"told": "showing", "showing": self.state()}

    def _view(self, who: Onlooker, said: Said) -> Told:
        self._require_presenter(who)
        self.view = parse_view(said.get("view"))
        return {"told": "view", "view": self.view}

    def _point(self, who: Onlooker, said: Said) -> Told:
        """A hand is on the picture that is shown, or (nowhere) on it no more."""
        at = said.get("at")
        image, frame = self._require_shown(said)
        place = None if at is None else parse_place(at)
        return {"told": "point", **self._by(who.person, image, frame), "at": place}

    def _stroke(self, who: Onlooker, said: Said) -> Told:
        """A line begins, or goes on."""
        if who.sight is not Sight.SHOW:
            raise RoomRefusal("may-not-show")
        name = parse_name(said.get("stroke"))
        image, frame = self._require_shown(said)
        points = parse_places(said.get("points"), most=self.rules.points_at_once)
        known = self.strokes.get(name)
        if known is not None and (known.author, known.image, known.frame) != (
            who.person,
            image,
            frame,
        ):
            raise RoomRefusal("not-own-stroke")
        self._require_room_for(known, len(points))
        if known is None:
            self.strokes[name] = Stroke(who.person, image, frame, points)
        else:
            known.points.extend(points)
        told = self._by(who.person, image, frame)
        return {"told": "stroke", "stroke": name, **told, "points": points}

    def _erase(self, who: Onlooker, said: Said) -> Told:
        """One line, by who drew it or shows; or (none named) all, by who shows."""
        is_over = who.person == self.presenter or who.is_host
        if said.get("stroke") is None:
            if not is_over:
                raise RoomRefusal("not-presenter")
            gone = list(self.strokes)
        else:
            name = parse_name(said.get("stroke"))
            known = self.strokes.get(name)
            if known is None or not (is_over or known.author == who.person):
                raise RoomRefusal("not-own-stroke")
            gone = [name]
        for each in gone:
            del self.strokes[each]
        return {"told": "erased", "strokes": gone}

    def _require_presenter(self, who: Onlooker) -> None:
        if who.person != self.presenter or who.sight is not Sight.SHOW:
            raise RoomRefusal("not-presenter")

    def _require_shown(self, said: Said) -> tuple[str, int]:
        """What is said is of the picture that is shown, which alone the web server has checked."""
        image, frame = parse_frame(said)
        if self.view is None or (image, frame) != (self.view["image"], self.view["frame"]):
            raise RoomRefusal("not-shown")
        return image, frame

    def _require_room_for(self, known: Stroke | None, more: int) -> None:
        rules, long = self.rules, 0 if known is None else len(known.points)
        kept = sum(len(each.points) for each in self.strokes.values())
        is_one_more = known is None and len(self.strokes) >= rules.most_strokes
        if is_one_more or long + more > rules.longest_stroke or kept + more > rules.most_points:
            raise RoomRefusal("strokes-full")

    def _as_told(self, stroke: Stroke) -> Told:
        return self._by(stroke.author, stroke.image, stroke.frame)

    def _by(self, person: str, image: str, frame: int) -> Told:
        """Everybody's colour is the same on every page: given in the order of first acts."""
        colour = self.colours.setdefault(person, len(self.colours) % _COLOURS)
        return {"by": person, "colour": colour, "image": image, "frame": frame}

    ACTS: ClassVar[Mapping[str, Callable[["Showing", Onlooker, Said], Told]]] = {
        "present": _present,
        "view": _view,
        "point": _point,
        "stroke": _stroke,
        "erase": _erase,
    }


WORDS: Final = frozenset(Showing.ACTS)

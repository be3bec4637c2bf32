"""A room's showing among its people: who is told of it, and how fast it may be spoken to."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from server.media.errors import RoomRefusal
from server.media.rate import Allowance
from server.media.together.rules import TogetherRules
from server.media.together.showing import WORDS, Onlooker, Showing
from server.media.tokens import Claims, Sight

_HOST: Final = "host"
_ECHOED: Final = frozenset({"showing", "stroke", "erased"})
"""Told to who said it as well: what the room made of it, a line's colour among it."""
Said = Mapping[str, Any]


class Sitter(Protocol):
    """One device of one person in the room."""

    claims: Claims
    tell: Callable[[Said], None] | None


class Table:
    """Around it sit the participants of one room."""

    def __init__(self, rules: TogetherRules, sitters: Mapping[str, Sitter]) -> None:
        self._sitters = sitters
        self.heard: Callable[[str, Said], None] = lambda _person, _told: None
        self.showing = Showing(rules, self._is_here, self._sight_of)

    def state_for(self, sitter: Sitter) -> Said | None:
        """What somebody finds who comes in; None for whoever may see no picture."""
        return None if sitter.claims.sight is Sight.NONE else self.showing.state()

    def heed(self, sitter: Sitter, said: Said) -> None:
        """Do what somebody says, and tell the others; raises RoomRefusal."""
        claims, before = sitter.claims, self._shown()
        who = Onlooker(claims.person, claims.role == _HOST, claims.sight)
        told = self.showing.heed(who, said)
        for each in self._sitters.values():
            is_meant = each is not sitter or told["told"] in _ECHOED
            if is_meant and each.tell is not None and each.claims.sight is not Sight.NONE:
                each.tell(told)
        self.heard(claims.person, told)
        if self._shown() != before:
            self._tell_shown(sitter)

    def note_gone(self, person: str) -> None:
        """Her hand is on no picture any more, once her last device has gone."""
        if not self._is_here(person):
            self.heard(person, {"told": "point", "by": person, "at": None})

    def _tell_shown(self, sitter: Sitter) -> None:
        """For the record: web hears by one line which picture is shown now, and by whom."""
        image, presenter = self._shown()
        if sitter.tell is not None:
            sitter.tell({"told": "shown", "image": image, "presenter": presenter})

    def _shown(self) -> tuple[str, str]:
        view = self.showing.view
        return ("", "") if view is None else (str(view["image"]), self.showing.presenter)

    def _is_here(self, person: str) -> bool:
        return any(each.claims.person == person for each in self._sitters.values())

    def _sight_of(self, person: str) -> Sight:
        """What a person may with the device that may most."""
        own = [each.claims for each in self._sitters.values() if each.claims.person == person]
        return max((each.sight for each in own), key=list(Sight).index, default=Sight.NONE)


class Hearing:
    """How fast one line may speak of what is looked at."""

    def __init__(self, rules: TogetherRules) -> None:
        self._allowance = Allowance(rules.said_at_once, rules.said_a_second)

    def wait_s(self, says: object, now_s: float) -> float | None:
        """In how many seconds a word is heeded; None for a hand that moves too often.

        Whoever says too much else is read more slowly, so that nothing of a line is lost.
        """
        if says == "point":
            return 0.0 if self._allowance.take(now_s) else None
        return self._allowance.take_later(now_s)


def is_of_table(says: object) -> bool:
    """Whether a word is of looking together."""
    return isinstance(says, str) and says in WORDS


def refuse(says: object, refused: RoomRefusal) -> Said:
    """What somebody is told whose word was not heeded."""
    return {"told": "refused", "say": says, "code": refused.code}

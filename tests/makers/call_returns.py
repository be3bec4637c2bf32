"""How soon a call is back that was cut, by what its pages have shown every 50 ms."""

from collections.abc import Sequence
from itertools import pairwise

from tests.makers.call_people import Moment, moments
from tests.makers.screen import Screen


async def since(screen: Screen, at_s: float) -> list[Moment]:
    """What a page has shown since then."""
    return [each for each in await moments(screen) if each.at_s >= at_s]


async def is_back(screen: Screen, at_s: float) -> bool:
    """Whether the page has said that its line is cut, and says it no more."""
    seen = await since(screen, at_s)
    return any(each.cut for each in seen) and not seen[-1].cut


def next_whole(seen: Sequence[Moment]) -> float:
    """When the last moment of the cut had passed, in seconds since 1970."""
    last = max(place for place, each in enumerate(seen) if each.cut)
    return seen[last + 1].at_s


def longest_still(seen: Sequence[Moment]) -> float:
    """For how many seconds at most no further picture was drawn."""
    changed = [seen[0].at_s] + [
        now.at_s for before, now in pairwise(seen) if now.frames != before.frames and now.frames > 0
    ]
    return max(now - before for before, now in pairwise(changed))

"""Lesions as a reader ticks them."""

from collections.abc import Iterable

from consult.reports.lesion_rules import parse_lesion_rules
from consult.reports.lesions import Lesion, Quadrant, Said
from tests.makers.rulebooks import read_config

RULES = parse_lesion_rules(read_config("lesion_grades.toml"))
CODES = tuple(rule.code for rule in RULES.lesions)
BY_QUADRANT = tuple(rule.code for rule in RULES.lesions if rule.has_quadrants)
ABSENT = Lesion(Said.ABSENT)


def present(quadrants: int = 0) -> Lesion:
    """Seen, in so many quadrants as the rule counts them."""
    return Lesion(Said.PRESENT, tuple(Quadrant)[:quadrants])


def ticked(*seen: str, quadrants: int = 0) -> dict[str, Lesion]:
    """These were seen, and all the others were looked for and not seen."""
    return only(seen, quadrants=quadrants) | {code: ABSENT for code in CODES if code not in seen}


def only(seen: Iterable[str], *, quadrants: int = 0) -> dict[str, Lesion]:
    """These were seen; of the others nobody has said anything."""
    return {code: present(quadrants if code in BY_QUADRANT else 0) for code in seen}

"""Whether two names mean one person, and the figures of config/uploads.toml."""

import unicodedata
from collections.abc import Mapping

from consult.cases.images.clocks import ClockRules
from consult.cases.images.model import ImageRules
from consult.kernel.rules import RuleTable
from consult.people.patients.names import search_keys

_ALL_PERCENT = 100


def parse_image_rules(mapping: Mapping[str, object]) -> ImageRules:
    """The margins of config/uploads.toml."""
    table = RuleTable(mapping)
    return ImageRules(
        own_window_min=table.whole("own_window_min", lowest=1),
        longest_window_min=table.whole("longest_window_min", lowest=1),
        clock=_parse_clock(table.table("camera_clock")),
    )


def _parse_clock(table: RuleTable) -> ClockRules:
    table.only("least_sets", "sets_kept", "least_percent", "days_kept")
    rules = ClockRules(
        least_sets=table.whole("least_sets", lowest=2),
        sets_kept=table.whole("sets_kept", lowest=2),
        least_percent=table.whole("least_percent", lowest=51),
        days_kept=table.whole("days_kept", lowest=1),
    )
    if rules.sets_kept < rules.least_sets:
        raise table.wrong("sets_kept", "is fewer than least_sets")
    if rules.least_percent > _ALL_PERCENT:
        raise table.wrong("least_percent", "is more than all")
    return rules


def names_agree(person_name: str, *, patient_name: str) -> bool:
    """Whether a Person Name (PS3.5 6.2.1) may mean this patient; an empty one names nobody."""
    groups = [group for group in person_name.split("=") if _letters(group)]
    return not groups or any(_group_agrees(group, patient_name) for group in groups)


def _group_agrees(group: str, patient_name: str) -> bool:
    parts = [_letters(part) for part in group.replace(" ", "^").split("^") if _letters(part)]
    spelt = {*search_keys(patient_name).full, _letters(patient_name)}
    if {"".join(parts), "".join([*parts[1:], *parts[:1]])} & spelt:
        return True
    return sorted(parts) == sorted(_letters(word) for word in patient_name.split())


def _letters(text: str) -> str:
    bare = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in bare if letter.isalnum())

"""The rules of video rooms that web keeps to, from config/rooms.toml."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from consult.kernel.rules import RuleTable
from consult.rooms.links.model import LinkRules
from consult.rooms.model import RoomLimits
from consult.rooms.present.model import InvitingRules

_LONGEST_MIN: Final = 15


@dataclass(frozen=True, slots=True)
class RoomBook:
    """What the record keeps to, and what one web process takes."""

    limits: RoomLimits
    asked_every_s: int
    most_lines: int
    links: LinkRules
    inviting: InvitingRules


def parse_room_book(mapping: Mapping[str, object]) -> RoomBook:
    """Read and check config/rooms.toml."""
    table = RuleTable(mapping)
    table.only(
        *("name", "version", "source", "empty_min", "seen_every_s", "sampled_every_s"),
        *("asked_every_s", "most_lines", "shown_after_s", "host_away_s", "inviting", "links"),
    )
    asked_every_s = table.whole("asked_every_s", lowest=1)
    seen_every_s = table.whole("seen_every_s", lowest=1)
    if asked_every_s > seen_every_s:
        raise table.wrong("asked_every_s", "must not be longer than seen_every_s")
    return RoomBook(
        limits=RoomLimits(
            empty_for=timedelta(minutes=table.whole("empty_min", lowest=1)),
            seen_every=timedelta(seconds=seen_every_s),
            sampled_every=timedelta(seconds=table.whole("sampled_every_s", lowest=1)),
            shown_after=timedelta(seconds=table.whole("shown_after_s", lowest=1)),
            host_away_for=timedelta(seconds=table.whole("host_away_s", lowest=1)),
        ),
        asked_every_s=asked_every_s,
        most_lines=table.whole("most_lines", lowest=1),
        links=_parse_links(table.table("links")),
        inviting=_parse_inviting(table.table("inviting")),
    )


def _parse_inviting(table: RuleTable) -> InvitingRules:
    table.only("licence_classes", "community_licence_classes")
    return InvitingRules(
        frozenset(table.texts("licence_classes")),
        frozenset(table.texts("community_licence_classes")),
    )


def _parse_links(table: RuleTable) -> LinkRules:
    table.only("guest_min", "identity_tries", "companion_min", "asked_most", "asked_min")
    guest_min = table.whole("guest_min", lowest=1)
    if guest_min > _LONGEST_MIN:
        raise table.wrong("guest_min", f"must not be longer than {_LONGEST_MIN}")
    return LinkRules(
        guest_for=timedelta(minutes=guest_min),
        tries=table.whole("identity_tries", lowest=1),
        companion_for=timedelta(minutes=table.whole("companion_min", lowest=1)),
        asked_most=table.whole("asked_most", lowest=1),
        asked_window=timedelta(minutes=table.whole("asked_min", lowest=1)),
    )

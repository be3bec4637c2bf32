"""The rules of slots and referrals, read from config/."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from consult.calendar.clinics import HoldLimits, SlotRules, parse_slot_rules
from consult.calendar.video.model import VideoRules, parse_video_rules
from consult.cases.promise import parse_limits
from consult.referrals.criteria import parse_referral_rules
from consult.referrals.rules import BookingRules, parse_periods


@dataclass(frozen=True, slots=True)
class BookingBook:
    """How long a slot is held, what may be published, by which criteria patients are referred."""

    holds: HoldLimits
    slots: SlotRules
    referrals: BookingRules
    video: VideoRules


def load_booking_book(folder: Path) -> BookingBook:
    """Read and check limits, booking, referrals, sessions and the criteria in force (config/)."""
    periods = parse_periods(_toml(folder / "referrals.toml"))
    criteria = _toml(folder / "referral_rules" / f"{periods.criteria}.toml")
    return BookingBook(
        holds=HoldLimits(parse_limits(_toml(folder / "limits.toml")).slot_hold),
        slots=parse_slot_rules(_toml(folder / "booking.toml")),
        referrals=BookingRules(criteria=parse_referral_rules(criteria), periods=periods),
        video=parse_video_rules(_toml(folder / "video_sessions.toml")),
    )


def _toml(path: Path) -> Mapping[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))

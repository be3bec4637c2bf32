"""On what a report was read, in words (VW-10)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consult.reports.screens import Device
from server.i18n import N_
from server.moments import format_day, local_day
from server.requests import Audience, zone_of
from server.views.report_words import Speech


def screen_text(reader: Audience, content: Mapping[str, Any]) -> str:
    """That it was read on a phone, and when its display was checked; nothing where unsaid."""
    speech, screen = Speech(reader), content.get("screen") or {}
    said = []
    if screen.get("device") == Device.SMALL:
        said.append(speech.say(N_("Read on a mobile device")))
    if screen.get("checked_at"):
        at = datetime.fromisoformat(screen["checked_at"])
        day = format_day(local_day(at, zone=zone_of(reader)), language=speech.tongue)
        said.append(speech.say(N_("Display checked on {day}")).format(day=day))
    return speech.join(said)

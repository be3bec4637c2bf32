"""Sessions in tests: an expert's windows, what is free, booking, as the service has it."""

import tomllib
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

from consult.calendar.clinics import Publication
from consult.calendar.video import free, service, service_offer
from consult.calendar.video.model import (
    Offer,
    VideoRules,
    VideoSession,
    Window,
    Wish,
    parse_video_rules,
)
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.work import Actor, Work
from tests.makers.clinic import Clinic
from tests.makers.consortium import CONFIG

TUESDAY = date(2026, 1, 6)


@cache
def video_rules() -> VideoRules:
    """The rules in config/."""
    text = (Path(CONFIG) / "video_sessions.toml").read_text("utf-8")
    return parse_video_rules(tomllib.loads(text))


def weekly(**changes: Any) -> Publication:
    """Tuesdays of six weeks, four sessions of half an hour from ten o'clock on."""
    told: dict[str, Any] = {
        "day_from": TUESDAY,
        "day_until": date(2026, 2, 15),
        "weekdays": frozenset({2}),
        "start": time(10),
        "end": time(12),
        "minutes": 30,
    }
    return Publication(**(told | changes))


def offer(clinic: Clinic, expert: Actor, **changes: Any) -> Window:
    """The expert offers these times."""
    return clinic.do(
        expert, service_offer.add_window, publication=weekly(**changes), rules=video_rules()
    )


def free_of(clinic: Clinic, by: Actor, case: Case) -> list[Offer]:
    """What the inviting doctor is shown."""

    def look(work: Work) -> list[Offer]:
        return free.list_free(work, cases.get_case(work, case.id), rules=video_rules())

    return clinic.do(by, look)


def book(clinic: Clinic, by: Actor, case_id: str, wanted: Offer) -> VideoSession:
    """The inviting doctor books one of them."""
    return clinic.do(by, service.book_session, **booking(case_id, wanted))


def booking(case_id: str, wanted: Offer) -> dict[str, Any]:
    """What a booking says."""
    wish = Wish(wanted.expert_id, wanted.starts_at)
    return {"case_id": case_id, "wish": wish, "rules": video_rules()}


def moving(session: VideoSession, wanted: Offer, reason: str = "") -> dict[str, Any]:
    """What a move says."""
    return {
        "case_id": session.case_id,
        "session_id": session.id,
        "sequence": session.sequence,
        "wish": Wish(wanted.expert_id, wanted.starts_at, reason),
        "rules": video_rules(),
    }


def cancelling(session: VideoSession, reason: str = "患者要求") -> dict[str, Any]:
    """What a cancelling says."""
    return {
        "case_id": session.case_id,
        "session_id": session.id,
        "sequence": session.sequence,
        "reason": reason,
    }


def reread(clinic: Clinic, by: Actor, session: VideoSession) -> VideoSession:
    """The session as it stands by now."""

    def look(work: Work) -> VideoSession:
        case = cases.get_case(work, session.case_id)
        return next(each for each in service.list_of_case(work, case) if each.id == session.id)

    return clinic.do(by, look)

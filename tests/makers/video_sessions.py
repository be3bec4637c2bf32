"""Sessions in tests: an expert's windows, what is free, booking, as the service has it."""

import tomllib
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from consult.calendar.clinics import Publication
from consult.calendar.video import ending, free, service, service_offer, store
from consult.calendar.video.model import (
    Offer,
    SessionAct,
    SessionStatus,
    VideoRules,
    VideoSession,
    Window,
    Wish,
    parse_video_rules,
)
from consult.calendar.video.tables import SessionRow
from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.ids import new_id
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


def book_soon(
    clinic: Clinic, case: Case, *, expert: Actor, doctor: Actor, starts_at: datetime
) -> str:
    """A session of half an hour at this very time, which no window need begin with; its id."""
    today = clinic.now.date()
    everyday = frozenset(range(1, 8))
    window = offer(
        clinic,
        expert,
        day_from=today + timedelta(days=2),
        day_until=today + timedelta(days=9),
        weekdays=everyday,
    )

    def book(work: Work) -> str:
        row = SessionRow(
            id=new_id(),
            case_id=case.id,
            live_case_id=case.id,
            case_number=case.number,
            expert_id=expert.person,
            doctor_id=doctor.person,
            institution_id=case.institution_id,
            invited_institution_id=case.invited_institution_id,
            window_id=window.id,
            starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=30),
            status=SessionStatus.BOOKED,
            sequence=0,
            reason="",
            act=SessionAct.BOOKED,
            acted_by=doctor.person,
            booked_at=work.now,
            changed_at=work.now,
            reminded="",
            revision=1,
        )
        assert store.save_session(work.session, row)
        found = store.find_session(work.session, row.id)
        assert found is not None
        ending.note(work, found, "video_session.booked")
        return row.id

    return clinic.do(doctor, book)

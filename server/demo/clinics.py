"""Clinics with their appointments around the day of seeding."""

from datetime import date, datetime, time, timedelta

from consult.calendar.model import BookingMode
from consult.kernel.rules import RuleTable
from server.demo.case_model import SlotPlan
from server.demo.model import ClinicPlan, SessionPlan

_WEEK = range(1, 8)
_MINUTE = timedelta(minutes=1)


def plan_clinics(demo: RuleTable, *, now: datetime) -> tuple[ClinicPlan, ...]:
    """Every clinic; `now` carries the zone in which its hours are meant."""
    return tuple(_plan_clinic(demo, table, now) for table in demo.tables("clinics"))


def _plan_clinic(demo: RuleTable, table: RuleTable, now: datetime) -> ClinicPlan:
    table.only("code", "name", "institution", "doctor", "place", "mode", "slot_minutes", "sessions")
    sizes, code = demo.table("sizes"), table.text("code")
    back, ahead = sizes.whole("slot_days_back"), sizes.whole("slot_days_ahead", lowest=1)
    length = timedelta(minutes=table.whole("slot_minutes", lowest=1))
    held = table.tables("sessions") if table.has("sessions") else ()
    slots, sessions = [], [_plan_session(session, length) for session in held]
    for days in range(-back, ahead + 1):
        day = now.date() + timedelta(days=days)
        for session in sessions:
            if day.isoweekday() in session.weekdays:
                at = datetime.combine(day, session.starts, now.tzinfo)
                over_at = datetime.combine(day, session.ends, now.tzinfo)
                while at < over_at:
                    slots.append(SlotPlan(code, at, at + length))
                    at += length
    return ClinicPlan(
        code=code,
        name=table.words("name"),
        institution=table.text("institution"),
        doctor=table.text("doctor"),
        place=table.words("place"),
        mode=table.code("mode", BookingMode) if table.has("mode") else BookingMode.DIRECT,
        slot_minutes=length // _MINUTE,
        sessions=tuple(sessions),
        slots=tuple(sorted(slots, key=lambda slot: slot.starts_at)),
    )


def _plan_session(session: RuleTable, length: timedelta) -> SessionPlan:
    session.only("weekdays", "from", "slots")
    starts = _start(session)
    over_at = datetime.combine(date.min, starts) + session.whole("slots", lowest=1) * length
    return SessionPlan(frozenset(_weekdays(session)), starts, over_at.time())


def _weekdays(session: RuleTable) -> tuple[int, ...]:
    days = session.values.get("weekdays")
    if not isinstance(days, list) or not all(day in _WEEK for day in days):
        raise session.wrong("weekdays", "must be a list of days, 1 Monday to 7 Sunday")
    return tuple(days)


def _start(session: RuleTable) -> time:
    try:
        return time.fromisoformat(session.text("from"))
    except ValueError:
        raise session.wrong("from", "must be a time such as 08:30") from None

"""Which sessions can be booked for a case: of its panel's experts, while both sides are free."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from consult.calendar.timetable import Span, day_bounds, spans_of
from consult.calendar.video import offer_store, store
from consult.calendar.video.errors import SessionTakenError
from consult.calendar.video.model import Offer, VideoRules, VideoSession, Window, Wish, overlaps
from consult.cases.model import Case
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.duty import leaves
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners


def list_free(
    work: Work, case: Case, *, rules: VideoRules, moving: VideoSession | None = None
) -> list[Offer]:
    """What can be booked for a case, in order: of its panel's experts, while both are free."""
    doctor = work.actor.person if moving is None else moving.doctor_id
    found = sorted(_offers(work, case, doctor_id=doctor, rules=rules, moving=moving), key=_by_time)
    return found[: rules.most_offered]


def _offers(
    work: Work, case: Case, *, doctor_id: str, rules: VideoRules, moving: VideoSession | None
) -> list[Offer]:
    if case.panel_id is None:
        return []
    panel = organisations.panel_in_use(work, case.panel_id)
    zone = organisations.get_institution(work, panel.institution_id).zone
    since, until = work.now + rules.lead, work.now + rules.horizon
    windows = offer_store.list_windows(work.session, panel.member_ids, on=since.date())
    experts = {window.expert_id for window in windows}
    if not experts:
        return []
    busy = store.busy_times(
        work.session,
        people={*experts, doctor_id},
        since=work.now,
        until=until,
        without=None if moving is None else moving.id,
    )
    away = _away(work, experts, since=since, until=until, zone=zone)
    found: list[Offer] = []
    for window in windows:
        if window.institution_id != panel.institution_id:
            continue
        taken = [
            *busy.get(window.expert_id, ()),
            *busy.get(doctor_id, ()),
            *away[window.expert_id],
            *((each.starts_at, each.ends_at) for each in found if _is_same(each, window)),
        ]
        found += _free_of(window, taken, since=since, until=until, zone=zone)
    return found


def _free_of(
    window: Window, taken: Sequence[Span], *, since: datetime, until: datetime, zone: str
) -> list[Offer]:
    days = window.between(since.date() - timedelta(days=1), until.date() + timedelta(days=1))
    return [
        Offer(window.expert_id, window.id, starts_at, ends_at)
        for starts_at, ends_at in spans_of(days, zone=zone, now=since)
        if ends_at <= until and not overlaps(taken, starts_at, ends_at)
    ]


def _away(
    work: Work, experts: Collection[PractitionerId], *, since: datetime, until: datetime, zone: str
) -> dict[PractitionerId, list[Span]]:
    """When these experts are on leave, or see patients in a clinic."""
    found = {
        expert: list(offer_store.clinic_times(work.session, expert, since=since, until=until))
        for expert in experts
    }
    for leave in leaves.list_leaves(work, experts, on=since.date()):
        days = (leave.day_until - leave.day_from).days + 1
        found[leave.expert_id].append(day_bounds(leave.day_from, days=days, zone=zone))
    return found


def find_offer(
    work: Work,
    case: Case,
    wish: Wish,
    *,
    doctor_id: str,
    rules: VideoRules,
    moving: VideoSession | None = None,
) -> Offer:
    """The wanted session; raises SessionTakenError where it cannot be had any more.

    Nobody else fills the expert's time until the unit ends.
    """
    practitioners.hold_diary(work, wish.expert_id)
    for offer in _offers(work, case, doctor_id=doctor_id, rules=rules, moving=moving):
        if (offer.expert_id, offer.starts_at) == (wish.expert_id, wish.starts_at):
            return offer
    raise SessionTakenError


def _is_same(offer: Offer, window: Window) -> bool:
    return offer.expert_id == window.expert_id


def _by_time(offer: Offer) -> tuple[datetime, str]:
    return offer.starts_at, offer.expert_id

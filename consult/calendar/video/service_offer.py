"""What an expert, or the coordinator for her, offers: weekly windows, and leave."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consult.access.model import ObjectType
from consult.calendar.clinics import Publication
from consult.calendar.timetable import make_timetable
from consult.calendar.video import ending, offer_store
from consult.calendar.video.errors import NotAnExpertError, TooManyError
from consult.calendar.video.model import TICK, Lapse, VideoRules, Window
from consult.calendar.video.tables import WindowRow
from consult.journal.rows import kept
from consult.kernel.errors import Fact, FieldProblem, FormRefusedError, NotFoundError
from consult.kernel.ids import PractitionerId, new_id
from consult.kernel.work import Entry, Role, Work
from consult.people.duty import leaves
from consult.people.duty.model import Leave
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.queue import absence
from consult.queue.model import QueueLimits

_TICK_MIN = int(TICK.total_seconds()) // 60


@dataclass(frozen=True, slots=True)
class Offering:
    """What one expert offers from today on."""

    expert_id: PractitionerId
    windows: Sequence[Window]
    leaves: Sequence[Leave]


@dataclass(frozen=True, slots=True)
class NewLeave:
    """What the form says of a leave: its days, what the clinics read, and who stands in."""

    day_from: date
    day_until: date
    reason: str = ""
    substitute_id: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """How many booked sessions lapsed by a leave, and how many taken cases went back."""

    lapsed: int
    returned: int


def offering_of(work: Work, expert_id: str | None = None) -> Offering:
    """The windows and leaves of the actor, or of an expert of the institution she coordinates."""
    expert = _expert(work, expert_id)
    today = organisations.today_at(work, work.actor.institution)
    return Offering(
        expert,
        offer_store.list_windows(work.session, [expert], on=today),
        leaves.list_leaves(work, [expert], on=today),
    )


def list_experts(work: Work) -> list[PractitionerId]:
    """For whom the actor may offer: herself, or as a coordinator every expert of the place."""
    if Role.COORDINATOR not in work.actor.roles:
        return [work.actor.person]
    return list_colleagues(work)


def list_colleagues(work: Work) -> list[PractitionerId]:
    """The experts of the institution, of whom one can stand in for another."""
    found = affiliations.list_people_with_role(work, work.actor.institution, Role.EXPERT)
    return [each.practitioner_id for each in found]


def add_window(
    work: Work, *, publication: Publication, rules: VideoRules, expert_id: str | None = None
) -> Window:
    """Offer sessions at these weekly times; raises FormRefusedError, TooManyError."""
    known = offering_of(work, expert_id)
    zone = organisations.get_institution(work, work.actor.institution).zone
    _require_grid(publication)
    make_timetable(publication, zone=zone, now=work.now, rules=rules.slots)
    if len(known.windows) >= rules.most_windows:
        raise TooManyError(rules.most_windows)
    row = WindowRow(
        id=new_id(),
        expert_id=known.expert_id,
        institution_id=work.actor.institution,
        day_from=publication.day_from,
        day_until=publication.day_until,
        weekdays=sorted(publication.weekdays),
        start=publication.start.strftime("%H:%M"),
        end=publication.end.strftime("%H:%M"),
        minutes=publication.minutes,
        added_at=work.now,
    )
    offer_store.save_window(work.session, row)
    _journal(
        work,
        "video_window.added",
        known.expert_id,
        window=row.id,
        day_from=row.day_from.isoformat(),
        day_until=row.day_until.isoformat(),
        weekdays=" ".join(map(str, row.weekdays)),
        times=f"{row.start}-{row.end}",
        minutes=row.minutes,
        rules=rules.slots.version,
        **kept(work, WindowRow, row.id),
    )
    return _window(work, row.id)


def end_window(work: Work, *, window_id: str, reason: str) -> int:
    """Offer no session of this window any more; how many booked ones lapsed with it."""
    window = _window(work, window_id)
    expert = _expert(work, window.expert_id)
    offer_store.save_end(work.session, window.id, at=work.now)
    told = kept(work, WindowRow, window.id)
    _journal(work, "video_window.ended", expert, window=window.id, **told)
    return ending.lapse_of_expert(work, expert, why=Lapse.WINDOW, reason=reason)


def add_leave(
    work: Work,
    *,
    new: NewLeave,
    rules: VideoRules,
    limits: QueueLimits,
    expert_id: str | None = None,
) -> Begun:
    """Hold no session and take no case on these days; what lapsed, and went back, by it.

    Raises FormRefusedError, TooManyError, RefusedError for a substitute who is no expert there.
    """
    known = offering_of(work, expert_id)
    today = organisations.today_at(work, work.actor.institution)
    _require_days(new.day_from, new.day_until, today=today, rules=rules)
    if len(known.leaves) >= rules.most_leaves:
        raise TooManyError(rules.most_leaves)
    leave = leaves.add_leave(
        work,
        expert_id=known.expert_id,
        day_from=new.day_from,
        day_until=new.day_until,
        substitute_id=new.substitute_id,
    )
    lapsed = ending.lapse_of_expert(work, known.expert_id, why=Lapse.LEAVE, reason=new.reason)
    returned = (
        absence.free_absent(work, leave, limits=limits) if leaves.has_begun(work, leave) else 0
    )
    return Begun(lapsed, returned)


def end_leave(work: Work, *, leave_id: str) -> None:
    """Be there on these days after all; what has lapsed or gone back does not return by that."""
    leave = leaves.get_leave(work, leave_id)
    expert = _expert(work, leave.expert_id)
    leaves.end_leave(work, leave)
    absence.return_to(work, expert, institution_id=leave.institution_id)


def _expert(work: Work, expert_id: str | None) -> PractitionerId:
    """Whose times these are: one's own, or as a coordinator any expert's of the institution."""
    wanted = expert_id or work.actor.person
    if wanted != work.actor.person and Role.COORDINATOR not in work.actor.roles:
        raise NotFoundError
    is_here = affiliations.holds_role(
        work,
        practitioner_id=wanted,
        institution_id=work.actor.institution,
        role=Role.EXPERT,
    )
    if not is_here:
        raise NotAnExpertError
    return PractitionerId(wanted)


def _window(work: Work, window_id: str) -> Window:
    window = offer_store.find_window(work.session, window_id)
    if window is None or window.institution_id != work.actor.institution:
        raise NotFoundError
    return window


def _require_grid(publication: Publication) -> None:
    """Raise FormRefusedError unless every session begins and ends on the grid."""
    numbers = {"start": publication.start.minute, "minutes": publication.minutes}
    wrong = [
        FieldProblem(field, "not-on-grid", {"step": _TICK_MIN})
        for field, value in numbers.items()
        if value % _TICK_MIN
    ]
    if wrong:
        raise FormRefusedError(wrong)


def _require_days(day_from: date, day_until: date, *, today: date, rules: VideoRules) -> None:
    if day_until < max(day_from, today):
        code = "dates-reversed" if day_until < day_from else "day-is-past"
        raise FormRefusedError([FieldProblem("day_until", code)])
    if day_until - today > rules.slots.furthest:
        limit = {"limit": rules.slots.furthest.days}
        raise FormRefusedError([FieldProblem("day_until", "day-too-far", limit)])


def _journal(work: Work, kind: str, expert_id: str, **codes: Fact) -> None:
    work.journal(Entry(kind, ObjectType.PRACTITIONER, expert_id, codes=codes))

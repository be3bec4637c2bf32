"""The acts that bring a case to where the demonstration shows it, each by whose act it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from consult.cases.model import CaseStatus
from server.demo.case_model import Fate, SlotPlan, StepKind, StepPlan, TurnPlan

_K = StepKind
_SENT = (_K.OPEN, _K.CONSENT, _K.ADD_IMAGES, _K.SUBMIT)
_SIGNED = (*_SENT, _K.CLAIM, _K.DRAFT_REPORT, _K.SIGN)
_DECIDED = (*_SIGNED, _K.ACKNOWLEDGE, _K.DECIDE)
_REFERRED = (*_DECIDED, _K.REFER)
_BOOKED = (*_DECIDED, _K.BOOK)

PATHS: Mapping[CaseStatus, tuple[StepKind, ...]] = MappingProxyType(
    {
        CaseStatus.DRAFT: (_K.OPEN, _K.CONSENT, _K.ADD_IMAGES),
        CaseStatus.CANCELLED: (_K.OPEN, _K.CANCEL),
        CaseStatus.ASSIGNED: _SENT,
        CaseStatus.WITHDRAWN: (*_SENT, _K.WITHDRAW),
        CaseStatus.DECLINED: (*_SENT, _K.DECLINE),
        CaseStatus.ACCEPTED: (*_SENT, _K.CLAIM),
        CaseStatus.READING: (*_SENT, _K.CLAIM, _K.DRAFT_REPORT),
        CaseStatus.REPORTED: _SIGNED,
        CaseStatus.ACKNOWLEDGED: (*_SIGNED, _K.ACKNOWLEDGE),
        CaseStatus.REFERRING: _REFERRED,
        # The decision itself moves the case on.
        CaseStatus.FOLLOW_UP: _DECIDED,
        CaseStatus.CLOSED: _DECIDED,
    }
)
_CLOSED_AFTER_VISIT = (*_BOOKED, _K.ARRIVE, _K.RECORD_OUTCOME, _K.CLOSE)

_AFTER: Mapping[Fate, tuple[StepKind, ...]] = MappingProxyType(
    {Fate.STOPPED: (_K.STOP,), Fate.MISSED: (_K.NOSHOW, _K.CALL)}
)

_MINUTES: Mapping[StepKind, int] = MappingProxyType(
    {
        _K.OPEN: 0,
        _K.CONSENT: 1,
        _K.ADD_IMAGES: 6,
        _K.SUBMIT: 10,
        _K.CANCEL: 45,
        _K.CLAIM: 24,
        _K.WITHDRAW: 30,
        _K.DECLINE: 33,
        _K.DRAFT_REPORT: 31,
        _K.SIGN: 38,
        _K.ACKNOWLEDGE: 62,
        _K.DECIDE: 66,
        _K.REFER: 71,
        _K.BOOK: 71,
        _K.STOP: 95,
    }
)
# What follows a visit, or a missed one, is reckoned from the appointment.
_MINUTES_FROM_SLOT: Mapping[StepKind, int] = MappingProxyType(
    {_K.ARRIVE: -12, _K.RECORD_OUTCOME: 55, _K.CLOSE: 150, _K.NOSHOW: 240, _K.CALL: 300}
)
_TURN_EVERY = timedelta(minutes=9)
_BY_PREPARER = frozenset({_K.OPEN, _K.CONSENT, _K.ADD_IMAGES})
_BY_EXPERT = frozenset({_K.CLAIM, _K.DRAFT_REPORT, _K.SIGN, _K.DECLINE})
_BY_DESK = frozenset({_K.ARRIVE, _K.RECORD_OUTCOME, _K.STOP, _K.NOSHOW})


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays which part in a case, by sign-in name, and at which two institutions."""

    inviting: str
    invited: str
    preparer: str
    physician: str
    expert: str
    desk: str

    def of(self, kind: StepKind) -> tuple[str, str]:
        """The person of an act and the institution for which they act."""
        if kind in _BY_PREPARER:
            return self.preparer, self.inviting
        if kind in _BY_EXPERT:
            return self.expert, self.invited
        if kind in _BY_DESK:
            return self.desk, self.invited
        return self.physician, self.inviting


@dataclass(frozen=True, slots=True)
class Course:
    """What a case has on its way: pictures, a decision, an appointment that came to nothing."""

    with_images: bool
    is_decided: bool
    fate: Fate | None = None


def plan_steps(
    target: CaseStatus,
    cast: Cast,
    *,
    opened_at: datetime,
    slot: SlotPlan | None,
    course: Course,
) -> tuple[StepPlan, ...]:
    """The acts in order; a closed case with an appointment went through the visit."""
    fate = course.fate
    passed = slot is not None and (target is CaseStatus.CLOSED or fate is Fate.MISSED)
    steps = []
    path = _path(target, is_decided=course.is_decided, is_booked=slot is not None)
    if slot is not None and fate is not None:
        path = (*path, *_AFTER[fate])
    for kind in path:
        if kind is _K.ADD_IMAGES and not course.with_images:
            continue
        login, institution = cast.of(kind)
        at = opened_at + timedelta(minutes=_MINUTES.get(kind, 0))
        if passed and slot is not None and kind in _MINUTES_FROM_SLOT:
            at = slot.starts_at + timedelta(minutes=_MINUTES_FROM_SLOT[kind])
        steps.append(StepPlan(kind, login, institution, at))
    return tuple(steps)


def turn_steps(turns: Sequence[TurnPlan], cast: Cast, *, opened_at: datetime) -> Iterator[StepPlan]:
    """The acts of a case that took turns after it was sent."""
    first = opened_at + timedelta(minutes=_MINUTES[_K.CLAIM])
    for number, turn in enumerate(turns):
        yield StepPlan(turn.kind, turn.login, cast.invited, first + number * _TURN_EVERY, turn)


def _path(target: CaseStatus, *, is_decided: bool, is_booked: bool) -> tuple[StepKind, ...]:
    match target:
        case CaseStatus.ACKNOWLEDGED if is_decided:
            return _DECIDED
        case CaseStatus.REFERRING if is_booked:
            return _BOOKED
        case CaseStatus.CLOSED if is_booked:
            return _CLOSED_AFTER_VISIT
        case _:
            return PATHS[target]

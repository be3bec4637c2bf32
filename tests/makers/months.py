"""A month of cases of several clinics, straight into the tables: answered, late, referred, seen."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from consult.access.model import ObjectType, Party
from consult.access.tables import CustodyRow, GrantRow
from consult.cases.model import CaseStatus, Priority, ServiceType
from consult.cases.tables import CaseRow
from consult.db.base import Base
from consult.kernel.work import Work
from consult.referrals.model import AppointmentStatus, ReferralStatus
from consult.referrals.tables import AppointmentRow, ReferralRow
from consult.reports.figures.tables import CaseFigureRow
from consult.reports.model import ReferralNeed, ReferralUrgency
from consult.reports.tellings.model import KNOWS, TellingKind, TellingState
from consult.reports.tellings.tables import TellingRow

Row = Mapping[str, object]
FIRST = datetime(2025, 11, 30, 16, tzinfo=UTC)  # 1 December in Shanghai
DAYS = 31
_AT_ONCE = 500
_ENDS = (CaseStatus.WITHDRAWN, CaseStatus.REJECTED)
_BECAME = (
    *((ReferralStatus.REQUESTED, None), (ReferralStatus.BOOKED, AppointmentStatus.BOOKED)),
    *((ReferralStatus.BOOKED, AppointmentStatus.ARRIVED),),
    *((ReferralStatus.SEEN, AppointmentStatus.FULFILLED),) * 2,
    *((ReferralStatus.REQUESTED, AppointmentStatus.CANCELLED),),
    *((ReferralStatus.REQUESTED, AppointmentStatus.NOSHOW),),
)
_TELLINGS = (None, TellingState.OPEN, *(TellingState.TOLD,) * 4, TellingState.LOST)


@dataclass(frozen=True)
class Place:
    """Whose cases these are: the consortium, the hospital that reads, its readers, the clinics."""

    consortium_id: str
    lead_id: str
    readers: Sequence[str]
    clinics: Mapping[str, Sequence[str | None]]
    """Each clinic with its photographers."""


def fill_month(
    work: Work, place: Place, *, count: int, seed: int = 1, first: datetime = FIRST, mark: str = "m"
) -> None:
    """So many cases within one month; the same seed makes the same."""
    chance = random.Random(seed)  # noqa: S311 - a month is no secret
    rows: dict[type[Base], list[Row]] = {}
    for number in range(count):
        for kind, row in _case(chance, place, f"{mark}{number:06d}", first):
            rows.setdefault(kind, []).append(row)
    for kind, made in rows.items():
        for start in range(0, len(made), _AT_ONCE):
            work.session.execute(insert(kind), made[start : start + _AT_ONCE])


def _case(
    chance: random.Random, place: Place, case_id: str, first: datetime
) -> list[tuple[type[Base], Row]]:
    clinic = chance.choice(list(place.clinics))
    submitted = first + timedelta(seconds=chance.randrange(DAYS * 86_400))
    report_by = submitted + timedelta(hours=24)
    is_answered = chance.random() < 0.9
    took_s = int(chance.lognormvariate(10.0, 0.9))
    status = CaseStatus.ACKNOWLEDGED if is_answered else CaseStatus.ASSIGNED
    if not is_answered and chance.random() < 0.3:
        status = chance.choice(_ENDS)
    rows: list[tuple[type[Base], Row]] = [
        (CaseRow, _row(chance, place, case_id, clinic, status, submitted, report_by)),
        (
            CustodyRow,
            {
                "object_type": ObjectType.CASE,
                "object_id": case_id,
                "custodian_type": Party.INSTITUTION,
                "custodian_id": clinic,
            },
        ),
        (
            GrantRow,
            {
                "id": case_id,
                "object_type": ObjectType.CASE,
                "object_id": case_id,
                "grantee_type": Party.INSTITUTION,
                "grantee_id": place.lead_id,
                "why": "sent",
                "granted_at": first,
            },
        ),
    ]
    if is_answered:
        ungradable = chance.choice((0,) * 12 + (1, 2))
        need = chance.choice((ReferralNeed.NONE,) * 5 + (ReferralNeed.REFER, ReferralNeed.URGENT))
        rows.append(
            (
                CaseFigureRow,
                {
                    "case_id": case_id,
                    "answered_at": submitted + timedelta(seconds=took_s),
                    "took_s": took_s,
                    "reader_id": chance.choice(place.readers),
                    "version": 1,
                    "need": need,
                    "eyes_rated": 2,
                    "eyes_ungradable": ungradable,
                },
            )
        )
        if (state := chance.choice(_TELLINGS)) is not None:
            rows.append((TellingRow, _telling(case_id, clinic, state, submitted)))
            rows[0] = (CaseRow, {**rows[0][1], "told": state in KNOWS})
        if need is not ReferralNeed.NONE and chance.random() < 0.8:
            rows += _referral(chance, case_id, clinic, submitted)
    return rows


def _row(
    chance: random.Random,
    place: Place,
    case_id: str,
    clinic: str,
    status: CaseStatus,
    submitted: datetime,
    report_by: datetime,
) -> Row:
    return {
        "id": case_id,
        "number": case_id[-20:],
        "institution_id": clinic,
        "consortium_id": place.consortium_id,
        "invited_institution_id": place.lead_id,
        "patient_id": case_id,
        "service_type": chance.choice((ServiceType.SCREENING_READ,) * 9 + tuple(ServiceType)),
        "form_version": "1",
        "answers": {},
        "question": "",
        "priority": Priority.SCREENING,
        "priority_rule": "",
        "priority_version": "",
        "status": status,
        "prepared_by_id": chance.choice(place.clinics[clinic]),
        "opened_at": submitted,
        "submitted_at": submitted,
        "report_by": report_by,
        "revision": 1,
        **dict.fromkeys(("uploading", "retake", "amended", "reopened", "told"), False),
    }


def _telling(case_id: str, clinic: str, state: TellingState, at: datetime) -> Row:
    return {
        "id": case_id,
        "case_id": case_id,
        "live_case_id": case_id if state is TellingState.OPEN else None,
        "number": case_id[-20:],
        "patient_id": case_id,
        "report_id": case_id,
        "institution_id": clinic,
        "owner_id": "x",
        "kind": TellingKind.PLAIN,
        "opened_at": at,
        "due_on": at.date(),
        "rules": "1",
        "state": state,
        "reason": "",
        "revision": 1,
    }


def _referral(
    chance: random.Random, case_id: str, clinic: str, at: datetime
) -> list[tuple[type[Base], Row]]:
    status, appointment = chance.choice(_BECAME)
    referral: Row = {
        "id": case_id,
        "number": case_id[-20:],
        "case_id": case_id,
        "patient_id": case_id,
        "report_id": case_id,
        "institution_id": clinic,
        "specialty": "fundus",
        "urgency": ReferralUrgency.ROUTINE,
        "reason": "",
        "assessment": {},
        "due_on": at.date(),
        "status": status,
        "requested_by_id": "x",
        "requested_at": at,
        "end_reason": "",
        "outcome": {"diagnosis": "H36.0"} if status is ReferralStatus.SEEN else None,
        "revision": 1,
    }
    if appointment is None:
        return [(ReferralRow, referral)]
    visit: Row = {
        "id": case_id,
        "number": case_id[-20:],
        "referral_id": case_id,
        "case_id": case_id,
        "patient_id": case_id,
        "clinic_id": "eyes",
        "physician_name": "",
        "starts_at": at,
        "ends_at": at,
        "turn": 1,
        "place": "",
        "ticket": "",
        "status": appointment,
        "booked_by_id": "x",
        "booked_at": at,
        "ended_reason": "",
    }
    return [(ReferralRow, referral), (AppointmentRow, visit)]

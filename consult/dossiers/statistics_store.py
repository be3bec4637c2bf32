"""The only SQL of statistics: it counts over cases, reports and the journal at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, Subquery, and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from consult.cases.model import CaseStatus
from consult.cases.oversight_store import Filter, clauses_of
from consult.cases.recognition.ending import GIVEN_UP
from consult.cases.recognition.tables import RecognitionRow, RepeatRow
from consult.cases.tables import CaseRow
from consult.dossiers.punctuality import punctual
from consult.journal.tables import EntryRow
from consult.reports.model import SIGNED, ReportStatus
from consult.reports.tables import ReportRow

Numbers = dict[str | None, dict[str, int]]
_ACCEPTED: Final = "case.claimed"
_EVENTS: Final = {
    "case.returned": "returned",
    "case.declined": "declined",
    "case.corrected": "pictures_corrected",
    "emergency.opened": "emergencies",
    "dossier.exported": "exports",
    "image.downloaded": "exports",
    "marks.exported": "exports",
    "report.downloaded": "exports",
    "room.opened": "calls",
    "room.ring_over": "calls_unanswered",
}
_VERSIONS: Final = {ReportStatus.AMENDED: "corrected", ReportStatus.RETRACTED: "retracted"}
REPEATED: Final = "repeated."
"""What stands before the code of a reason."""
IN_ALL: Final = "all"
"""One row of every case."""
_KEYS: Final = {
    IN_ALL: literal(IN_ALL),
    "inviting": CaseRow.institution_id,
    "invited": CaseRow.invited_institution_id,
    "service": CaseRow.service_type,
}
_AT_ONCE: Final = 200
_ENDED: Final = (CaseStatus.WITHDRAWN, CaseStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Submitted cases of a filter that are visible or belong to an overseen consortium."""

    wanted: Filter
    visible: Select[str]
    overseen: Select[str]
    by: str

    def select(self) -> Select[*tuple[Any, ...]]:
        """Each case with what its row of the statistics is called."""
        return self.over(
            CaseRow.id,
            _KEYS[self.by].label("key"),
            CaseRow.status,
            CaseRow.accept_by,
            CaseRow.report_by,
        )

    def over(self, *columns: Any) -> Select[*tuple[Any, ...]]:
        """These columns of each case."""
        reach = or_(CaseRow.id.in_(self.visible), CaseRow.consortium_id.in_(self.overseen))
        whole = select(*columns).where(CaseRow.submitted_at.is_not(None), reach)
        return whole.where(*clauses_of(self.wanted))


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the newest version on a case says, with whose case it is."""

    institution_id: str
    photographer_id: str | None
    submitted_at: datetime
    canonical: bytes


def is_larger(session: Session, cohort: Cohort, *, than: int) -> bool:
    """Whether more cases would have to be counted."""
    some = cohort.select().limit(than + 1).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) > than


def count_rows(session: Session, cohort: Cohort, *, now: datetime, limit: int) -> Numbers:
    """The numbers of each row, the most cases first."""
    found: Numbers = {}
    of = cohort.select().subquery()
    for key, numbers in _in_time(session, of, now=now, limit=limit):
        found[_plain(key)] = numbers
    for key, kind, number in _events(session, of):
        _add(found, _plain(key), _EVENTS[kind], number)
    for key, status, number in _versions(session, of):
        _add(found, _plain(key), _VERSIONS[status], number)
    for key, number in _used_exams(session, of):
        _add(found, _plain(key), "recognised", number)
    for key, reason, number in _repeats(session, of):
        _add(found, _plain(key), "repeated", number)
        _add(found, _plain(key), REPEATED + reason, number)
    return found


def newest_opinions(session: Session, cohort: Cohort) -> Iterable[Opinion]:
    """The newest version of each case, some at a time; a retracted report says nothing."""
    newest = (
        select(ReportRow.case_id, func.max(ReportRow.version).label("version"))
        .where(ReportRow.case_id.in_(cohort.over(CaseRow.id)))
        .group_by(ReportRow.case_id)
        .subquery()
    )
    is_newest = and_(ReportRow.case_id == newest.c.case_id, ReportRow.version == newest.c.version)
    statement = (
        select(
            CaseRow.institution_id,
            CaseRow.prepared_by_id,
            CaseRow.submitted_at,
            ReportRow.canonical,
        )
        .join(ReportRow, ReportRow.case_id == CaseRow.id)
        .join(newest, is_newest)
        .where(ReportRow.status.in_(sorted(SIGNED)))
        .execution_options(yield_per=_AT_ONCE)
    )
    for institution_id, photographer_id, submitted_at, canonical in session.execute(statement):
        if submitted_at is not None:
            yield Opinion(institution_id, photographer_id, submitted_at, canonical)


def _in_time(
    session: Session, of: Subquery, *, now: datetime, limit: int
) -> Iterable[tuple[Any, dict[str, int]]]:
    """Cases, and how many were accepted and answered by the time that was promised."""
    signed = _first(ReportRow.case_id, ReportRow.signed_at, "signed_at").subquery()
    taken = _first(EntryRow.case_id, EntryRow.at, "taken_at")
    taken_at = taken.where(EntryRow.kind == _ACCEPTED, EntryRow.case_id.in_(select(of.c.id)))
    accepted = taken_at.subquery()
    goes_on = of.c.status.not_in(_ENDED)
    answered = punctual(
        signed_at=signed.c.signed_at, report_by=of.c.report_by, status=of.c.status, now=now
    )
    is_accepted = accepted.c.taken_at.is_not(None)
    counted = {
        "accepted_in_time": and_(is_accepted, accepted.c.taken_at <= of.c.accept_by),
        "accepted_late": or_(
            accepted.c.taken_at > of.c.accept_by,
            and_(accepted.c.taken_at.is_(None), of.c.accept_by < now, goes_on),
        ),
        "reported_in_time": answered["in_time"],
        "reported_late": answered["late"],
        "reported_open": answered["open"],
        "withdrawn": of.c.status.in_(_ENDED),
    }
    number = func.count().label("cases")
    sums = [func.sum(case((told, 1), else_=0)).label(name) for name, told in counted.items()]
    statement = (
        select(of.c.key, number, *sums)
        .select_from(of)
        .outerjoin(signed, signed.c.case_id == of.c.id)
        .outerjoin(accepted, accepted.c.case_id == of.c.id)
        .group_by(of.c.key)
        .order_by(number.desc(), of.c.key)
        .limit(limit)
    )
    for row in session.execute(statement):
        values = row._asdict()
        yield values.pop("key"), {name: int(value) for name, value in values.items()}


def _first(case_id: Any, at: Any, name: str) -> Select[Any]:
    """When something happened to each case for the first time."""
    return select(case_id.label("case_id"), func.min(at).label(name)).group_by(case_id)


def _events(session: Session, of: Subquery) -> Iterable[Any]:
    statement = (
        select(of.c.key, EntryRow.kind, func.count())
        .join(EntryRow, EntryRow.case_id == of.c.id)
        .where(EntryRow.kind.in_(sorted(_EVENTS)))
        .group_by(of.c.key, EntryRow.kind)
    )
    return session.execute(statement)


def _versions(session: Session, of: Subquery) -> Iterable[Any]:
    statement = (
        select(of.c.key, ReportRow.status, func.count())
        .join(ReportRow, ReportRow.case_id == of.c.id)
        .where(ReportRow.status.in_(sorted(_VERSIONS)))
        .group_by(of.c.key, ReportRow.status)
    )
    return session.execute(statement)


def _used_exams(session: Session, of: Subquery) -> Iterable[Any]:
    """Earlier exams on which the cases rest, or rested until they were closed (IMG-12)."""
    statement = (
        select(of.c.key, func.count())
        .join(RecognitionRow, RecognitionRow.case_id == of.c.id)
        .where(
            RecognitionRow.used_at.is_not(None),
            func.coalesce(RecognitionRow.ended_why, "") != GIVEN_UP,
        )
        .group_by(of.c.key)
    )
    return session.execute(statement)


def _repeats(session: Session, of: Subquery) -> Iterable[Any]:
    """Exams that were taken again although a valid one was there, by reason (STA-04)."""
    statement = (
        select(of.c.key, RepeatRow.reason, func.count())
        .join(RepeatRow, RepeatRow.case_id == of.c.id)
        .where(RepeatRow.counted_at.is_not(None))
        .group_by(of.c.key, RepeatRow.reason)
    )
    return session.execute(statement)


def _plain(key: Any) -> str | None:
    return None if key is None else str(key)


def _add(found: Numbers, key: str | None, name: str, number: int) -> None:
    if key in found:
        found[key][name] = found[key].get(name, 0) + number

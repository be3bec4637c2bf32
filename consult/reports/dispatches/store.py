"""The only SQL of dispatches."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.elements import ColumnElement

from consult.kernel.ids import CaseId, PatientId, ReportId
from consult.reports.destinations.tables import DestinationRow
from consult.reports.dispatches.model import (
    ENDED_BADLY,
    Dispatch,
    DispatchState,
    ObjectState,
    SentObject,
)
from consult.reports.dispatches.tables import DispatchRow
from consult.reports.objects.model import ObjectKind

_MOST_OF_A_CASE = 200


def save_dispatch(session: Session, dispatch: Dispatch) -> None:
    """Write a dispatch as it is now; only inside a unit that has read it."""
    told = [asdict(each) for each in dispatch.objects]
    values = {name: getattr(dispatch, name) for name in _PLAIN}
    session.merge(DispatchRow(**values, objects=told))
    session.flush()


_PLAIN = (
    *("id", "destination_id", "case_id", "patient_id", "report_id", "version", "study_uid"),
    *("state", "wanted_at", "since", "next_at", "tries", "failure", "settled_at"),
)


def find_dispatch(session: Session, dispatch_id: str) -> Dispatch | None:
    """A dispatch by its id, held until the unit ends."""
    row = session.get(DispatchRow, dispatch_id, populate_existing=True, with_for_update=True)
    return None if row is None else _as_dispatch(row)


def find_wanted(
    session: Session, *, destination_id: str, report_id: str, study_uid: str
) -> Dispatch | None:
    """The dispatch of a version in a study, held until the unit ends."""
    statement = (
        select(DispatchRow)
        .where(
            DispatchRow.destination_id == destination_id,
            DispatchRow.report_id == report_id,
            DispatchRow.study_uid == study_uid,
        )
        .with_for_update()
    )
    row = session.scalar(statement)
    return None if row is None else _as_dispatch(row)


def list_due(session: Session, *, now: datetime, after: str, limit: int) -> Sequence[str]:
    """Destinations to which something may go now, and which do not rest.

    Those behind `after` come first: whoever asks with the last one that was served serves all.
    """
    waits = (
        select(DispatchRow.id)
        .where(
            DispatchRow.state == DispatchState.WAITING,
            DispatchRow.destination_id == DestinationRow.id,
            DispatchRow.next_at <= now,
            ~_is_behind(),
        )
        .exists()
    )
    statement = (
        select(DestinationRow.id)
        .where(
            DestinationRow.removed_at.is_(None),
            DestinationRow.is_on.is_(True),
            (DestinationRow.rests_until.is_(None)) | (DestinationRow.rests_until <= now),
            waits,
        )
        .order_by(DestinationRow.id <= after, DestinationRow.id)
        .limit(limit)
    )
    return list(session.scalars(statement))


def _is_behind() -> ColumnElement[bool]:
    """Whether an earlier version of the same case waits for the same destination."""
    earlier = aliased(DispatchRow)
    return (
        select(earlier.id)
        .where(
            earlier.destination_id == DispatchRow.destination_id,
            earlier.case_id == DispatchRow.case_id,
            earlier.study_uid == DispatchRow.study_uid,
            earlier.state == DispatchState.WAITING,
            earlier.version < DispatchRow.version,
        )
        .exists()
    )


def find_next(session: Session, destination_id: str, *, now: datetime) -> Dispatch | None:
    """What goes next: of a case never a version while an earlier one waits."""
    statement = (
        select(DispatchRow)
        .where(
            DispatchRow.destination_id == destination_id,
            DispatchRow.state == DispatchState.WAITING,
            DispatchRow.next_at <= now,
            ~_is_behind(),
        )
        .order_by(DispatchRow.next_at, DispatchRow.id)
        .limit(1)
    )
    row = session.scalar(statement)
    return None if row is None else _as_dispatch(row)


def list_of_destination(
    session: Session, destination_id: str, states: Collection[DispatchState], *, limit: int
) -> Sequence[Dispatch]:
    """What is in one of these states, the newest first."""
    statement = (
        select(DispatchRow)
        .where(DispatchRow.destination_id == destination_id, DispatchRow.state.in_(sorted(states)))
        .order_by(DispatchRow.wanted_at.desc(), DispatchRow.id)
        .limit(limit)
    )
    return [_as_dispatch(row) for row in session.scalars(statement)]


def list_unsettled(session: Session, destination_id: str, *, limit: int) -> Sequence[Dispatch]:
    """What has not arrived, held until the unit ends."""
    states = sorted({DispatchState.WAITING, *ENDED_BADLY})
    statement = (
        select(DispatchRow)
        .where(DispatchRow.destination_id == destination_id, DispatchRow.state.in_(states))
        .order_by(DispatchRow.wanted_at, DispatchRow.id)
        .limit(limit)
        .with_for_update()
    )
    return [_as_dispatch(row) for row in session.scalars(statement)]


def list_later(session: Session, dispatch: Dispatch) -> Sequence[Dispatch]:
    """What has arrived there of later versions of the same case, held until the unit ends."""
    statement = (
        select(DispatchRow)
        .where(
            DispatchRow.destination_id == dispatch.destination_id,
            DispatchRow.case_id == dispatch.case_id,
            DispatchRow.study_uid == dispatch.study_uid,
            DispatchRow.state == DispatchState.SENT,
            DispatchRow.version > dispatch.version,
        )
        .order_by(DispatchRow.version)
        .limit(_MOST_OF_A_CASE)
        .with_for_update()
    )
    return [_as_dispatch(row) for row in session.scalars(statement)]


def save_ended(session: Session, destination_id: str, *, now: datetime, failure: str) -> int:
    """Nothing waits for this destination any more; how many dispatches did."""
    statement = (
        update(DispatchRow)
        .where(
            DispatchRow.destination_id == destination_id,
            DispatchRow.state == DispatchState.WAITING,
        )
        .values(state=DispatchState.GIVEN_UP, failure=failure, settled_at=now)
        .returning(DispatchRow.id)
    )
    return len(session.scalars(statement).all())


def save_hurry(session: Session, destination_id: str, *, now: datetime) -> None:
    """Nothing that waits for this destination waits any longer."""
    statement = (
        update(DispatchRow)
        .where(
            DispatchRow.destination_id == destination_id,
            DispatchRow.state == DispatchState.WAITING,
            DispatchRow.next_at > now,
        )
        .values(next_at=now)
    )
    session.execute(statement)


def list_of_case(session: Session, case_id: str) -> Sequence[Dispatch]:
    """What of a case's report goes or went anywhere, the newest version first."""
    statement = (
        select(DispatchRow)
        .where(DispatchRow.case_id == case_id)
        .order_by(DispatchRow.version.desc(), DispatchRow.id)
        .limit(_MOST_OF_A_CASE)
    )
    return [_as_dispatch(row) for row in session.scalars(statement)]


def count_states(
    session: Session, destination_ids: Collection[str]
) -> Mapping[tuple[str, DispatchState], int]:
    """How many dispatches of each destination are in each state."""
    statement = (
        select(DispatchRow.destination_id, DispatchRow.state, func.count())
        .where(DispatchRow.destination_id.in_(sorted(destination_ids)))
        .group_by(DispatchRow.destination_id, DispatchRow.state)
    )
    return {(row[0], row[1]): row[2] for row in session.execute(statement)}


def _as_dispatch(row: DispatchRow) -> Dispatch:
    return Dispatch(
        id=row.id,
        destination_id=row.destination_id,
        case_id=CaseId(row.case_id),
        patient_id=PatientId(row.patient_id),
        report_id=ReportId(row.report_id),
        version=row.version,
        study_uid=row.study_uid,
        objects=tuple(
            SentObject(
                instance_id=each["instance_id"],
                kind=ObjectKind(each["kind"]),
                state=ObjectState(each["state"]),
                code=each["code"],
            )
            for each in row.objects
        ),
        state=row.state,
        wanted_at=row.wanted_at,
        since=row.since,
        next_at=row.next_at,
        tries=row.tries,
        failure=row.failure,
        settled_at=row.settled_at,
    )

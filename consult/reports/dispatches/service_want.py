"""What is wanted at destinations: told by the job that files what a version leaves."""

from collections.abc import Sequence
from dataclasses import replace

from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.reports.destinations import service as destinations
from consult.reports.destinations.model import Destination
from consult.reports.dispatches import store
from consult.reports.dispatches.model import Dispatch, DispatchState, goes_to, with_more
from consult.reports.objects.model import FiledObject
from consult.reports.objects.service import filed_of
from consult.reports.service import get_report
from consult.reports.versions import Report


def want_all(work: Work, *, report_id: str, institution_id: str, study_uid: str) -> None:
    """Have what a version left in a study sent wherever its institution wants it; twice is once."""
    report = get_report(work, report_id)
    places = destinations.list_open(work, institution_id=institution_id)
    if not places:
        return
    filed = filed_of(work, [report], institution_id=institution_id, study_uid=study_uid)
    for destination in places:
        chosen = [each for each in filed if goes_to(destination.scope, each)]
        if chosen:
            _want(work, destination, report, study_uid=study_uid, filed=chosen)


def _want(
    work: Work,
    destination: Destination,
    report: Report,
    *,
    study_uid: str,
    filed: Sequence[FiledObject],
) -> None:
    known = store.find_wanted(
        work.session, destination_id=destination.id, report_id=report.id, study_uid=study_uid
    )
    dispatch = known or _new(work, destination, report, study_uid=study_uid)
    objects = with_more(dispatch.objects, filed)
    if len(objects) == len(dispatch.objects):
        return
    again = replace(dispatch, objects=tuple(objects), state=DispatchState.WAITING, next_at=work.now)
    store.save_dispatch(work.session, replace(again, since=work.now, tries=0, settled_at=None))


def _new(work: Work, destination: Destination, report: Report, *, study_uid: str) -> Dispatch:
    return Dispatch(
        id=new_id(),
        destination_id=destination.id,
        case_id=report.case_id,
        patient_id=report.patient_id,
        report_id=report.id,
        version=report.version,
        study_uid=study_uid,
        objects=(),
        state=DispatchState.WAITING,
        wanted_at=work.now,
        since=work.now,
        next_at=work.now,
        tries=0,
        failure="",
        settled_at=None,
    )

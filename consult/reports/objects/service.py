"""Filing what a signed version leaves in a study, and finding it again."""

from collections.abc import Iterator, Sequence

from consult.access.model import ObjectType
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.kernel.work import Entry, Work
from consult.reports.objects.model import MOST_PRESENTED, FiledObject, ObjectKind, Place, uids_of
from consult.reports.service import get_report, list_reports
from consult.reports.versions import Report
from consult.studies import ingest
from consult.studies import service as studies
from consult.studies.model import Received, Verdict


def filed_of(
    work: Work, versions: Sequence[Report], *, institution_id: str, study_uid: str
) -> list[FiledObject]:
    """What these versions of a case's report left in a study that the actor may see."""
    if not versions:
        return []
    series = [uids_of(versions[0], study_uid, kind).series_instance_uid for kind in ObjectKind]
    found = {
        each.uids.sop_instance_uid: each
        for each in studies.list_of_series(
            work, institution_id=institution_id, study_uid=study_uid, series_uids=series
        )
    }
    return [
        FiledObject(report.id, report.version, kind, found[uid], not report.is_opinion)
        for report in versions
        for kind in ObjectKind
        for uid in _uids(report, study_uid, kind)
        if uid in found
    ]


def keep_object(
    work: Work, *, report_id: str, place: Place, kind: ObjectKind, received: Received
) -> bool:
    """File an object among the pictures of its study; False when it is there already.

    Raises InstanceRacedError, QuotaFullError as `ingest` does.
    """
    report = get_report(work, report_id)
    ingested = ingest.ingest(
        work,
        received,
        institution_id=place.institution_id,
        patient_id=place.patient_id,
        case_id=report.case_id,
    )
    if ingested.verdict is not Verdict.STORED:
        return False
    _journal(
        work,
        report,
        "report.object_filed",
        object=kind.value,
        instance=ingested.instance.id,
        study=place.study_id,
        sha256=ingested.instance.original.sha256,
    )
    return True


def note_none(work: Work, *, report_id: str, reason: str) -> None:
    """Write down why a version leaves nothing in any study."""
    _journal(work, get_report(work, report_id), "report.objects_skipped", failure=reason)


def list_objects(work: Work, case: Case) -> list[FiledObject]:
    """What the versions that the actor may see left in studies that she may see, newest first."""
    versions = list_reports(work, case.id)
    if not versions:
        return []
    own = [each.instance for each in images.list_every_image(work, case.id)]
    named = {
        each.uids.study_instance_uid: None
        for each in own
        if each.institution_id == case.institution_id
    }
    return [
        each
        for study_uid in named
        for each in filed_of(
            work, versions, institution_id=case.institution_id, study_uid=study_uid
        )
    ]


def _uids(report: Report, study_uid: str, kind: ObjectKind) -> Iterator[str]:
    """The addresses that objects of one kind may have."""
    for number in range(MOST_PRESENTED if kind is ObjectKind.PRESENTED else 1):
        yield uids_of(report, study_uid, kind, number).sop_instance_uid


def _journal(work: Work, report: Report, kind: str, **codes: str) -> None:
    work.journal(
        Entry(
            kind,
            ObjectType.REPORT,
            report.id,
            codes={"version": report.version, **codes},
            case_id=report.case_id,
            patient_id=report.patient_id,
        )
    )

"""Reports that must be read again (须重新阅片): a picture under them was corrected.

Nothing is written on a report: whether it must be read again is told by what was corrected and by
the versions after it, as whether it holds (decisions 0030, 0091).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import service as cases
from consult.cases.corrections import service as corrections
from consult.cases.corrections.model import Correction, CorrectionKind
from consult.cases.model import Case
from consult.cases.tables import CaseRow
from consult.kernel.errors import NotFoundError
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Work
from consult.people.duty import leaves
from consult.people.duty import service as duty
from consult.people.organisations import service as organisations
from consult.reports import reread_store, store
from consult.reports.verify import content_of
from consult.reports.versions import Report

LONGEST_LIST = 200


@dataclass(frozen=True, slots=True)
class Reread:
    """Which version must be read again, since when, on account of what, and who answers for it."""

    report: Report
    case: Case
    corrections: Sequence[Correction]
    since: datetime
    reader_id: PractitionerId | None


def find_reread(work: Work, case: Case, versions: Sequence[Report]) -> Reread | None:
    """What is to be read again of these versions, newest first; None where nothing is."""
    known = corrections.corrections_of(work, case.id) if versions else []
    open_ones = pending(versions[0], versions, known) if known else ()
    if not open_ones:
        return None
    reader_id = _reader(work, case, versions[0])
    return Reread(versions[0], case, open_ones, open_ones[0].at, reader_id)


def pending(
    report: Report, versions: Sequence[Report], known: Sequence[Correction]
) -> tuple[Correction, ...]:
    """The corrections on account of which a version must be read again.

    A version that was signed in knowledge of a correction settles it, be it an amendment or a
    retraction. One that was signed of the old picture settles nothing, whatever its clock said.
    """
    rests = [each for each in known if _rests_on(content_of(report), each, known)]
    later = [each for each in versions if each.version > report.version]
    return tuple(
        each for each in rests if not any(_settles(version, each, known) for version in later)
    )


def pending_of(work: Work, report: Report, versions: Sequence[Report]) -> tuple[Correction, ...]:
    """The same, looked up; for a stage that has asked the policy about the report."""
    return pending(report, versions, corrections.corrections_of(work, report.case_id))


def list_rereads(work: Work, *, limit: int = LONGEST_LIST) -> list[Reread]:
    """What the actor's panels must read again: her own first, then the longest waiting."""
    most = min(limit, LONGEST_LIST)
    ids = reread_store.list_candidates(
        work.session,
        panel_ids=work.actor.panel_ids,
        seen=policy.seen_clause(work, ObjectType.CASE, CaseRow.id),
        limit=most,
    )
    found = [reread for case_id in ids if (reread := _of_case(work, case_id)) is not None]
    return sorted(
        found, key=lambda each: (each.reader_id != work.actor.practitioner_id, each.since)
    )


def _of_case(work: Work, case_id: str) -> Reread | None:
    try:
        case = cases.get_case(work, case_id)
    except NotFoundError:
        return None
    return find_reread(work, case, store.list_of_case(work.session, case.id))


def _reader(work: Work, case: Case, report: Report) -> PractitionerId | None:
    """Its author; where she has left or is away, whoever answers for the panel."""
    if case.panel_id is None:
        return report.author_id
    panel = organisations.get_panel(work, case.panel_id)
    place = panel.institution_id
    is_there = leaves.find_present(work, report.author_id, institution_id=place) is None
    if report.author_id in panel.member_ids and is_there:
        return report.author_id
    return duty.answering(work, panel)


def _settles(version: Report, correction: Correction, known: Sequence[Correction]) -> bool:
    knows = version.signed_at >= correction.at
    return knows and not _rests_on(content_of(version), correction, known)


def _rests_on(
    content: Mapping[str, Any], correction: Correction, known: Sequence[Correction]
) -> bool:
    """Whether the signed content names the picture as it stood before the correction."""
    for picture in content.get("materials", ()):
        if picture["instance_id"] != correction.instance_id:
            continue
        if not correction.is_in_place:
            return True
        last = [each for each in known if each.instance_id == correction.instance_id][-1]
        if last.kind is CorrectionKind.WRONG_PATIENT:
            return True
        return (picture["eye"], picture["field"]) != (last.eye_after, last.field_after)
    return False

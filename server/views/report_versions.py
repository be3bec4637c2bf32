"""The versions of one report: which one holds, what each changed, who may do what about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from consult.access.model import Action
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.reports import service as reports
from consult.reports import service_amend, service_retract
from consult.reports.changes import changes_in, newest_opinion
from consult.reports.model import ReportStatus, Validity
from consult.reports.verify import content_of
from consult.reports.versions import Report, standing_of
from server.rules.rulebook import Rulebook
from server.views.report_changes import ChangeLine, change_lines
from server.views.report_words import Speech


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list of all."""

    id: str
    version: int
    status: ReportStatus
    validity: Validity
    signed_at: datetime


@dataclass(frozen=True, slots=True)
class Rights:
    """What this reader may do about the report as it stands."""

    may_amend: bool
    may_retract: bool
    is_amending: bool


@dataclass(frozen=True, slots=True)
class Banner:
    """What stands above a version that is not simply the only one."""

    validity: Validity
    by_id: str
    by_version: int
    by_at: datetime | None
    cause: str
    reason: str


def lines_of(versions: Sequence[Report]) -> list[VersionLine]:
    """Every version, the newest first."""
    return [
        VersionLine(
            each.id,
            each.version,
            each.status,
            standing_of(each, versions).validity,
            each.signed_at,
        )
        for each in versions
    ]


def banner_of(report: Report, versions: Sequence[Report]) -> Banner:
    """Whether this version still holds, and where to read on."""
    standing = standing_of(report, versions)
    by = standing.by
    told = {} if by is None else _retraction(content_of(by))
    return Banner(
        validity=standing.validity,
        by_id="" if by is None else by.id,
        by_version=0 if by is None else by.version,
        by_at=None if by is None else by.signed_at,
        cause=told.get("cause", ""),
        reason=told.get("reason", ""),
    )


def rights_of(work: Work, case: Case, versions: Sequence[Report], rules: Rulebook) -> Rights:
    """What the reader may do; a mere reader may do nothing."""
    basis = newest_opinion(versions)
    permits = rules.roles.permits(work.actor, Action.SIGN_REPORT)
    if basis is None or not permits or not service_amend.is_answered(case):
        return Rights(may_amend=False, may_retract=False, is_amending=False)
    may_amend = service_amend.may_amend(work, case, basis)
    return Rights(
        may_amend=may_amend,
        may_retract=versions[0].is_opinion and service_retract.may_retract(work, case, basis),
        is_amending=may_amend and reports.get_draft(work, case.id) is not None,
    )


def changes_text(speech: Speech, content: Mapping[str, Any]) -> list[ChangeLine]:
    """What this version says otherwise than the one that it amends."""
    return change_lines(speech, changes_in(content))


def _retraction(content: Mapping[str, Any]) -> Mapping[str, str]:
    told = content.get("retraction")
    return told if isinstance(told, dict) else {}

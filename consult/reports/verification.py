"""What a verification code tells anybody who holds a paper: no patient, no finding, no person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.reports import store
from consult.reports.codes import code_of, parse_code
from consult.reports.model import Validity
from consult.reports.papers import service as papers
from consult.reports.rereads import pending_of
from consult.reports.seal import Seal
from consult.reports.signed_marks import is_whole
from consult.reports.verify import content_of
from consult.reports.versions import Report, standing_of

_READ_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Verified:
    """One signed version as the outside world may know it; `papers` are hashes by language."""

    code: str
    number: str
    version: int
    institution: Mapping[str, str]
    title: Mapping[str, str]
    signed_at: datetime
    zone: str
    validity: Validity
    by_version: int
    by_at: datetime | None
    reread_since: datetime | None
    is_whole: bool
    sha256: str
    papers: Mapping[str, str]


def find_by_code(work: Work, *, text: str, seal: Seal) -> Verified | None:
    """What this code tells; None for one that names nothing."""
    head = parse_code(text)
    report = None if head is None else store.find_by_hash_head(work.session, head)
    return None if report is None else _verified(work, report, seal=seal)


def list_verified(work: Work, *, seal: Seal) -> Iterator[Verified]:
    """What every code tells today."""
    after = ""
    while some := store.list_signed(work.session, after=after, limit=_READ_AT_ONCE):
        for report in some:
            yield _verified(work, report, seal=seal)
        after = some[-1].id


def _verified(work: Work, report: Report, *, seal: Seal) -> Verified:
    content = content_of(report)
    versions = store.list_of_case(work.session, report.case_id)
    standing, pending = standing_of(report, versions), pending_of(work, report, versions)
    institution = organisations.get_institution(work, report.institution_id)
    by = standing.by
    return Verified(
        code=code_of(report.sha256),
        number=_text(content, "case", "number"),
        version=report.version,
        institution={"zh": institution.name, "en": institution.name_en or institution.name},
        title={each: _text(content, "title", each) for each in ("zh", "en")},
        signed_at=report.signed_at,
        zone=institution.zone,
        validity=standing.validity,
        by_version=0 if by is None else by.version,
        by_at=None if by is None else by.signed_at,
        reread_since=pending[0].at if pending else None,
        is_whole=is_whole(work.session, report, seal=seal),
        sha256=report.sha256,
        papers={
            paper.language: paper.blob.sha256
            for paper in papers.list_papers(work, report)
            if paper.blob is not None
        },
    )


def _text(content: Mapping[str, object], group: str, key: str) -> str:
    inside = content.get(group)
    return str(inside.get(key, "")) if isinstance(inside, dict) else ""

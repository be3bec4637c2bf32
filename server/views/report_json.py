"""A signed version as data."""

from pydantic import BaseModel, JsonValue

from consult.reports.versions import standing_of
from server.views.report_paper import Found


class ReportAnswer(BaseModel):
    """A signed version as data: the exact bytes are `canonical`, which the signature covers."""

    id: str
    case_id: str
    version: int
    status: str
    signed_at: str
    sha256: str
    shown_sha256: str
    signature: str
    seal_id: str
    is_valid: bool
    broken: list[str]
    validity: str
    superseded_by: int | None
    needs_rereading: bool
    content: dict[str, JsonValue]


def report_as_json(found: Found) -> dict[str, object]:
    """The signed version as data."""
    report = found.report
    standing = standing_of(report, found.versions)
    return ReportAnswer(
        id=report.id,
        case_id=report.case_id,
        version=report.version,
        status=report.status.value,
        signed_at=report.signed_at.isoformat(),
        sha256=report.sha256,
        shown_sha256=report.shown_sha256,
        signature=report.signature.hex(),
        seal_id=report.seal_id,
        is_valid=not found.broken,
        broken=list(found.broken),
        validity=standing.validity.value,
        superseded_by=None if standing.by is None else standing.by.version,
        needs_rereading=bool(found.pending),
        content=dict(found.content),
    ).model_dump()

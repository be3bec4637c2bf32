"""What a reviewed report says of its review: whose it was, and what was changed (RPT-03)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from consult.reports.changes import find_changes
from consult.reports.forms import Author, Title
from consult.reports.verify import content_of
from consult.reports.versions import Report


def review_as_json(
    content: Mapping[str, Any],
    *,
    reviewed: Report | None,
    basis: Mapping[str, Any] | None,
    title: Title,
) -> dict[str, object]:
    """The review, and its signer as the reviewing physician; nothing of a report without one.

    The reviewer's amendment goes on naming the physician whose report she reviewed.
    """
    told = _review_of(content, reviewed, title) if reviewed else (basis or {}).get("review")
    if not told:
        return {}
    signer = content["author"] | {"record_of": [Author.REVIEWING_PHYSICIAN.value]}
    return {"author": signer, "review": told if reviewed else told | {"changes": []}}


def reviewed_at(content: Mapping[str, Any]) -> datetime | None:
    """When the report that was reviewed had been signed; None of a report without a review."""
    told = content.get("review")
    return datetime.fromisoformat(told["signed_at"]) if isinstance(told, dict) else None


def _review_of(content: Mapping[str, Any], reviewed: Report, title: Title) -> dict[str, object]:
    before: Mapping[str, Any] = content_of(reviewed)
    return {
        "of_sha256": reviewed.sha256,
        "signed_at": reviewed.signed_at.isoformat(),
        "author": before["author"] | {"record_of": [title.authors[0].value]},
        "changes": [each.as_json() for each in find_changes(before, content)],
    }

"""Whether a signed report is still what was signed: computed anew from its bytes each time."""

import json
from collections.abc import Mapping
from hashlib import sha256

from consult.kernel.work import Actor
from consult.people.patients.masking import mask_name
from consult.reports.seal import Seal
from consult.reports.versions import Report

_WITH_CHANGES = ("amendment", "review")


def broken_parts(report: Report, *, seal: Seal) -> tuple[str, ...]:
    """The names of the parts that are not what was signed; none means that the report is whole."""
    checks = {
        "content": sha256(report.canonical).hexdigest() == report.sha256,
        "signature": seal.is_valid(report.signature, report.canonical),
        "seal": report.seal_id == seal.id,
    }
    checks |= _told(report, _read(report.canonical))
    return tuple(name for name, holds in checks.items() if not holds)


def content_of(report: Report) -> Mapping[str, object]:
    """What was signed, as plain values; empty when the bytes cannot be read any more."""
    return _read(report.canonical)


def shown_content(actor: Actor, content: Mapping[str, object]) -> Mapping[str, object]:
    """What was signed as this actor is shown it: without need no name and no number (U28)."""
    if actor.sees_names:
        return content
    shown = dict(content)
    patient = content.get("patient")
    if isinstance(patient, dict):
        shown["patient"] = {key: _masked(key, value) for key, value in patient.items()}
    for key in _WITH_CHANGES:
        told = content.get(key)
        if isinstance(told, dict):
            changes = [_masked_change(each) for each in told.get("changes", ())]
            shown[key] = told | {"changes": changes}
    return shown


def _masked_change(change: Mapping[str, object]) -> Mapping[str, object]:
    """A change of the patient's name says that it was changed, and neither name."""
    group, _, key = str(change["field"]).partition(".")
    if group != "patient":
        return change
    return {**change, **{side: _masked(key, change[side]) for side in ("before", "after")}}


def _masked(key: str, value: object) -> object:
    """One field of the patient's."""
    if key == "name":
        return mask_name(str(value or ""))
    return "" if key == "tail" else value


def _read(canonical: bytes) -> Mapping[str, object]:
    try:
        content = json.loads(canonical)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _told(report: Report, content: Mapping[str, object]) -> dict[str, bool]:
    """The columns beside the content must say what the content says."""
    return {
        "version": content.get("version") == report.version,
        "signed_at": content.get("signed_at") == report.signed_at.isoformat(),
        "shown": content.get("shown_sha256") == report.shown_sha256,
        "case": _id_in(content, "case") == report.case_id,
        "patient": _id_in(content, "patient") == report.patient_id,
        "author": _id_in(content, "author") == report.author_id,
    }


def _id_in(content: Mapping[str, object], key: str) -> object:
    inside = content.get(key)
    return inside.get("id") if isinstance(inside, dict) else None

"""The files of a dossier from the records of a case: the same records, the same bytes."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from consult.annotations.content import drawing_of
from consult.annotations.frames import frames_of
from consult.annotations.model import Canvas, Drawing, Lesions
from consult.annotations.svg import svg_of
from consult.cases.consents.model import RecordedConsent
from consult.cases.corrections.model import Correction
from consult.cases.model import Case
from consult.discussion.model import Message
from consult.dossiers.model import SCHEMA, Picture, as_plain
from consult.journal.slice import Proof
from consult.referrals.records import Appointment, Referral
from consult.reports.alerts.model import Alert, AlertCall, Escalation
from consult.reports.canonical import canonical_json
from consult.reports.opinions.model import Opinion
from consult.reports.recalls.model import Recall
from consult.reports.tellings.calls import PatientCall
from consult.reports.tellings.model import Telling
from consult.reports.versions import Decision, Receipt, Report
from consult.rooms.telephone.model import TelephoneConsult

_OF_CASE: Final = (
    *("id", "number", "institution_id", "consortium_id", "invited_institution_id", "agreement_id"),
    *("panel_id", "patient_id", "service_type", "form_version", "answers", "question", "priority"),
    *("priority_rule", "priority_version", "priority_override_reason", "status", "opened_at"),
    *("requesting_physician_id", "prepared_by_id", "submitted_at", "accept_by", "report_by"),
    *("decided_at", "closed_at"),
)
_README: Final = """\
联诊病例档案 / Lianzhen case dossier

核验：python3 check_dossier.py 本文件.zip
Check: python3 check_dossier.py THIS_FILE.zip

程序只需 Python 3.9 及以上，不联网。请从可信来源另取一份 check_dossier.py，
并将其显示的签章编号与医联体公布的编号比对。
The program needs Python 3.9 or newer and no network. Take check_dossier.py from a source that you
trust, and compare the seal's number that it prints with the one that the consortium publishes.
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What a drawing of marks needs: how large the pictures are, and how lesions look."""

    canvases: Mapping[str, Canvas]
    lesions: Lesions


def case_json(case: Case) -> bytes:
    """The request."""
    return canonical_json({name: as_plain(getattr(case, name)) for name in _OF_CASE})


def consents_json(consents: Iterable[RecordedConsent]) -> bytes:
    """What the patient agreed to; the number of the signer's document stays in the house."""
    told = []
    for consent in sorted(consents, key=lambda each: each.id):
        plain = as_plain(consent)
        assert isinstance(plain, dict)  # noqa: S101 - a record is a mapping
        has_document = bool(plain["consent"].pop("signer_document"))
        told.append(plain | {"has_signer_document": has_document})
    return canonical_json({"consents": told})


def answers_json(receipts: Sequence[Receipt], decisions: Sequence[Decision]) -> bytes:
    """Who received which version, and what the inviting physician decided."""
    return canonical_json(
        {
            "receipts": as_plain(sorted(receipts, key=lambda each: each.report_id)),
            "decisions": as_plain(sorted(decisions, key=lambda each: each.id)),
        }
    )


def corrections_json(made: Iterable[Correction]) -> bytes:
    """What was corrected; where another patient's picture went concerns that patient only."""
    told = [
        {
            "id": each.id,
            "image_id": each.image_id,
            "kind": each.kind.value,
            "instance_id": each.instance_id,
            "new_instance_id": None if each.to_image_id else each.new_instance_id,
            "before": {"eye": as_plain(each.eye_before), "field": as_plain(each.field_before)},
            "after": {"eye": as_plain(each.eye_after), "field": as_plain(each.field_after)},
            "by_id": each.by_id,
            "at": each.at.isoformat(),
        }
        for each in made
    ]
    return canonical_json({"corrections": told})


def calls_json(
    calls: Iterable[Mapping[str, object]], telephoned: Iterable[TelephoneConsult]
) -> bytes:
    """The case's video calls: who was there, what was shown and said, how good the lines were.

    Beside them what was consulted on by telephone.
    """
    by_telephone = [as_plain(each) for each in sorted(telephoned, key=lambda one: one.id)]
    told = sorted(calls, key=lambda each: str(each["id"]))
    return canonical_json({"calls": told, "telephone": by_telephone})


def alerts_json(
    alerts: Iterable[Alert], steps: Iterable[Escalation], calls: Iterable[AlertCall]
) -> bytes:
    """The case's urgent alerts, to whom each went on, and every call about them."""
    told: dict[str, Iterable[Alert | Escalation | AlertCall]]
    told = {"alerts": alerts, "steps": steps, "calls": calls}
    return canonical_json(
        {
            name: [as_plain(each) for each in sorted(rows, key=lambda row: row.id)]
            for name, rows in told.items()
        }
    )


def tellings_json(
    tellings: Iterable[Telling], recalls: Iterable[Recall], calls: Iterable[PatientCall]
) -> bytes:
    """How and when the patient was told, when she is due again, and every call about either."""
    return canonical_json(
        {
            "tellings": [as_plain(each) for each in sorted(tellings, key=lambda row: row.id)],
            "recalls": [as_plain(each) for each in sorted(recalls, key=lambda row: row.id)],
            "calls": [as_plain(each) for each in sorted(calls, key=lambda row: row.id)],
        }
    )


def discussion_json(messages: Iterable[Message]) -> bytes:
    """Every message as it was sent, amendments beside what they amend, in the order of sending.

    The hash of a message is that of its object without blanks, its keys in order.
    """
    told = [
        {"sha256": each.sha256, "message": json.loads(each.content)}
        for each in sorted(messages, key=lambda it: it.head.number)
    ]
    return canonical_json({"messages": told})


def referrals_json(found: Sequence[tuple[Referral, Appointment | None]]) -> bytes:
    """Each referral with its newest appointment."""
    told = [
        {"referral": as_plain(referral), "appointment": as_plain(appointment)}
        for referral, appointment in sorted(found, key=lambda each: each[0].id)
    ]
    return canonical_json({"referrals": told})


def journal_json(proofs: Iterable[Proof]) -> bytes:
    """The lines as they were hashed: one JSON object a line, nothing settled anew."""
    told = [
        {
            "position": proof.line.position,
            "previous": proof.previous,
            "hash": proof.line.hash,
            "kind": proof.line.kind,
            "object": [proof.line.object_type, proof.line.object_id],
            "at": proof.line.at.isoformat(),
            "by": [
                proof.line.practitioner_id,
                proof.line.institution_id,
                proof.line.session_id,
            ],
            "about": [proof.line.case_id, proof.line.patient_id],
            "reason": proof.line.reason,
            "codes": dict(proof.line.codes),
            "words_hash": proof.line.words_hash,
            "words": proof.words,
            "salt": None if proof.salt is None else base64.b64encode(proof.salt).decode(),
        }
        for proof in proofs
    ]
    text = (
        json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":")) for line in told
    )
    return "".join(f"{line}\n" for line in text).encode()


def report_files(
    reports: Iterable[Report], marks: Mapping[str, bytes], drawn: Drawn
) -> dict[str, bytes]:
    """The signed bytes of each version, its signature, and the marks on which it rests.

    Beside the marks stands a drawing of each frame that they are on (SVG, made from them now).
    """
    files: dict[str, bytes] = {}
    for report in reports:
        files[f"reports/{report.version}.json"] = report.canonical
        files[f"reports/{report.version}.sig"] = report.signature
        if report.id in marks:
            files[f"reports/{report.version}.marks.json"] = marks[report.id]
            files |= _drawings(report, drawing_of(marks[report.id]), drawn)
    return files


def opinion_files(opinions: Iterable[Opinion]) -> dict[str, bytes]:
    """The signed bytes of each participant's opinions on calls, every wording, and signatures."""
    files: dict[str, bytes] = {}
    for opinion in opinions:
        files[f"opinions/{opinion.id}.json"] = opinion.content
        files[f"opinions/{opinion.id}.sig"] = opinion.signature
    return files


def manifest_json(
    case: Case,
    files: Mapping[str, bytes],
    *,
    images: Sequence[Picture],
    reports: Sequence[Report],
    seal_id: str,
) -> bytes:
    """What belongs to the dossier, whether the images are enclosed or not."""
    return canonical_json(
        {
            "schema": SCHEMA,
            "case": {"id": case.id, "number": case.number},
            "seal_id": seal_id,
            "files": [
                {"name": name, "size": len(files[name]), "sha256": sha256(files[name]).hexdigest()}
                for name in sorted(files)
            ],
            "reports": [_report(report) for report in sorted(reports, key=lambda it: it.version)],
            "images": [_image(picture) for picture in images],
        }
    )


def readme() -> bytes:
    """How to check the dossier."""
    return _README.encode()


def _drawings(report: Report, drawing: Drawing, drawn: Drawn) -> Iterator[tuple[str, bytes]]:
    for marked in frames_of(drawing, drawn.canvases, author_id=report.author_id):
        name = f"reports/{report.version}.marks.{marked.image_id}.{marked.frame}.svg"
        yield name, svg_of(marked, drawn.lesions)


def _report(report: Report) -> dict[str, object]:
    return {
        "id": report.id,
        "version": report.version,
        "status": report.status.value,
        "sha256": report.sha256,
        "seal_id": report.seal_id,
    }


def _image(picture: Picture) -> dict[str, object]:
    return {
        "name": picture.place.name,
        "size": picture.place.blob.size_bytes,
        "sha256": picture.place.blob.sha256,
        "instance_id": picture.instance.id,
        "sop_instance_uid": picture.instance.uids.sop_instance_uid,
        "source_sha256": picture.instance.source_sha256,
        "eye": as_plain(picture.eye),
        "field": as_plain(picture.field),
        "state": picture.state.value,
    }

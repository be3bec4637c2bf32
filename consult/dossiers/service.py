"""Taking a case's dossier out of the house: gathered for both sides alike, and written down."""

from hashlib import sha256
from pathlib import Path
from typing import Final

from consult.access import policy
from consult.access.model import ObjectType, Ref
from consult.annotations import service as annotations
from consult.annotations.model import Lesions
from consult.cases import service as cases
from consult.cases.consents import service as consents
from consult.cases.corrections import service as corrections
from consult.cases.images import service as images
from consult.cases.model import Case
from consult.cases.recognition import service as recognition
from consult.discussion import records as discussion
from consult.dossiers import content
from consult.dossiers.errors import (
    DossierTooLargeError,
    DossierWhileReadError,
    NotSubmittedError,
)
from consult.dossiers.model import LOOKS, Dossier, ExportReason
from consult.dossiers.pictures import find_pictures
from consult.journal.slice import Proof, proofs_of_case
from consult.kernel.errors import NotFoundError
from consult.kernel.work import Entry, Work
from consult.referrals import service as referrals
from consult.reports import service as reports
from consult.reports.alerts import service as alerts
from consult.reports.opinions import service as opinions
from consult.reports.recalls import service as recalls
from consult.reports.seal import Seal
from consult.reports.second.matters import SecondRules, is_hidden
from consult.reports.signed_marks import signed_marks_of
from consult.reports.tellings import service as tellings
from consult.reports.versions import Report
from consult.rooms import records
from consult.rooms.telephone import service as telephone
from consult.studies.model import Instance

MOST_LINES: Final = 20_000
CHECKER: Final = Path(__file__).with_name("check_dossier.py")


def gather_dossier(
    work: Work, *, case_id: str, seal: Seal, lesions: Lesions, second: SecondRules | None = None
) -> Dossier:
    """The dossier of a case that the actor may see; raises NotSubmittedError for a draft.

    DossierWhileReadError for the side that reads, while a second reader may come (Q-10).
    """
    case = cases.get_case(work, case_id)
    if case.submitted_at is None:
        raise NotSubmittedError
    if is_hidden(case, second) and work.actor.institution_id == case.invited_institution_id:
        raise DossierWhileReadError
    return _gather(work, case, seal, lesions)


def note_export(
    work: Work, *, case_id: str, dossier: Dossier, reason: ExportReason, with_images: bool
) -> None:
    """Write down who takes the dossier out of the house, and why."""
    case = cases.get_case(work, case_id)
    work.journal(
        Entry(
            "dossier.exported",
            ObjectType.CASE,
            case.id,
            codes={"manifest_sha256": dossier.manifest_sha256, "images": int(with_images)},
            reason=reason.value,
            case_id=case.id,
            patient_id=case.patient_id,
        )
    )


def find_original(work: Work, *, case_id: str, image_id: str) -> Instance:
    """The stored object of one image of a case that the actor may see."""
    found = images.list_every_image(work, case_id)
    image = next((each for each in found if each.id == image_id), None)
    if image is None or image.id in recognition.closed_images(work, case_id, [image]):
        raise NotFoundError
    return image.instance


def note_download(work: Work, *, case_id: str, instance: Instance, reason: ExportReason) -> None:
    """Write down who takes an original out of the house, and why."""
    work.journal(
        Entry(
            "image.downloaded",
            "instance",
            instance.id,
            codes={"sha256": instance.original.sha256},
            reason=reason.value,
            case_id=case_id,
            patient_id=instance.patient_id,
        )
    )


def _gather(work: Work, case: Case, seal: Seal, lesions: Lesions) -> Dossier:
    versions = [
        each for each in reports.list_reports(work, case.id) if _is_shared(work, case, each)
    ]
    receipts = [reports.find_receipt(work, report) for report in versions]
    agreed = [
        consent
        for consent in consents.list_consents(work, patient_id=case.patient_id)
        if consent.case_id in {None, case.id}
    ]
    made = corrections.list_corrections(work, case.id)
    pictures = find_pictures(work, case, made)
    raised = alerts.list_of_case(work, case)
    told, awaited = tellings.list_of_case(work, case), recalls.list_of_case(work, case)
    files = {
        "case.json": content.case_json(case),
        "consents.json": content.consents_json(agreed),
        "answers.json": content.answers_json(
            [receipt for receipt in receipts if receipt is not None],
            reports.list_decisions(work, case.id),
        ),
        "discussion.json": content.discussion_json(discussion.messages_of(work, case)),
        "calls.json": content.calls_json(
            (records.call_as_plain(work, each) for each in records.list_calls(work, case)),
            telephone.list_consults(work, case),
        ),
        "alerts.json": content.alerts_json(
            raised,
            [step for alert in raised for step in alerts.list_steps(work, alert)],
            alerts.list_calls(work, raised),
        ),
        "tellings.json": content.tellings_json(
            told,
            awaited,
            tellings.list_calls(
                work, [*(each.id for each in told), *(each.id for each in awaited)]
            ),
        ),
        "corrections.json": content.corrections_json(made),
        "referrals.json": content.referrals_json(
            [
                (referral, referrals.find_appointment(work, referral))
                for referral in referrals.list_referrals(work, case.id)
                if _is_open_to_both(work, case, Ref(ObjectType.REFERRAL, referral.id))
            ]
        ),
        "journal.jsonl": content.journal_json(_slice(work, case)),
        "seal.pem": seal.public_pem,
        "README.txt": content.readme(),
        "check_dossier.py": CHECKER.read_bytes(),
        **content.opinion_files(opinions.list_opinions(work, case)),
        **content.report_files(
            versions,
            signed_marks_of(work.session, versions),
            content.Drawn(annotations.marked_canvases(work, case), lesions),
        ),
    }
    manifest = content.manifest_json(
        case, files, images=pictures, reports=versions, seal_id=seal.id
    )
    files |= {"manifest.json": manifest, "manifest.sig": seal.sign(manifest)}
    return Dossier(
        number=case.number,
        files=files,
        images=[picture.place for picture in pictures if picture.is_enclosed],
        manifest_sha256=sha256(manifest).hexdigest(),
    )


def _slice(work: Work, case: Case) -> list[Proof]:
    """The case's lines up to its newest change."""
    lines = proofs_of_case(work.session, case.id, limit=MOST_LINES + 1)
    if len(lines) > MOST_LINES:
        raise DossierTooLargeError(MOST_LINES)
    newest = max(
        (proof.line.position for proof in lines if proof.line.kind not in LOOKS), default=0
    )
    return [proof for proof in lines if proof.line.position <= newest]


def _is_shared(work: Work, case: Case, report: Report) -> bool:
    return _is_open_to_both(work, case, reports.report_ref(report.id))


def _is_open_to_both(work: Work, case: Case, ref: Ref) -> bool:
    """What one side alone may see stands in neither side's dossier."""
    sides = (case.institution_id, case.invited_institution_id)
    return all(side is not None and policy.is_open_to(work, ref, side) for side in sides)

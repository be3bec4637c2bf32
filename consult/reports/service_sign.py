"""Signing: the signature covers exactly what the signer was shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from hashlib import sha256

from consult.access import service as access
from consult.access.model import ObjectType, Party
from consult.cases import service as cases
from consult.cases.images import service as images
from consult.cases.model import Case, CaseStatus
from consult.cases.service import Said
from consult.kernel.errors import FieldProblem, FormRefusedError
from consult.kernel.ids import CaseId, new_id
from consult.kernel.work import Entry, Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.practitioners import service as practitioners
from consult.people.sessions.model import Window
from consult.queue import service as queue
from consult.queue.errors import NotOnPanelError
from consult.queue.model import ClaimEnd
from consult.reports import store
from consult.reports.body import parse_body
from consult.reports.canonical import canonical_json
from consult.reports.changes import find_changes
from consult.reports.check import check_report
from consult.reports.content import Circumstances, make_content
from consult.reports.errors import DraftMissingError, ShownChangedError
from consult.reports.model import ReportStatus, signed_status
from consult.reports.papers.service import want_paper
from consult.reports.seal import Seal
from consult.reports.service import report_ref
from consult.reports.service_amend import is_answered, require_author, tell_of_change
from consult.reports.service_looks import check_looks, pictured_eyes, relied_on, valid_looks
from consult.reports.signing import BY_PASSWORD, Proof, SigningRules, find_window_for
from consult.reports.tables import ReportRow
from consult.reports.verify import content_of
from consult.reports.versions import Preview, Report, ReportRules

GRANT = "case"


def preview(work: Work, *, case_id: str, rules: ReportRules) -> Preview:
    """What the signer is about to sign: a first report, or the amendment of one that is signed.

    Raises FormRefusedError with everything that is missing or contradicts itself.
    """
    case = cases.get_case(work, case_id)
    basis = _require_signing(work, case)
    draft = store.find_draft(work.session, case.id, work.actor.person)
    if draft is None:
        raise DraftMissingError(case.id)
    body = parse_body(draft.content)
    about = _circumstances(work, case, basis)
    problems = check_looks(rules.form, [*about.images, *about.left_out], about.looks)
    problems += check_report(
        rules.form,
        body,
        rules=rules.outcome,
        diagnosis_codes=rules.diagnoses,
        pictured=pictured_eyes(about.images, about.looks),
    )
    if basis is not None and not body.amendment_reason:
        problems.append(FieldProblem("amendment_reason", "field-missing"))
    if problems:
        raise FormRefusedError(problems)
    content = make_content(about, body, rules=rules)
    _require_changed(about, content)
    return Preview(content, sha256(canonical_json(content)).hexdigest(), draft.revision, body)


def preview_with_window(
    work: Work, *, case_id: str, rules: ReportRules, signing: SigningRules
) -> tuple[Preview, Window | None]:
    """The same, and the open signing window in which it may be signed (U19)."""
    shown = preview(work, case_id=case_id, rules=rules)
    case = cases.get_case(work, case_id)
    version = len(store.list_of_case(work.session, case.id)) + 1
    return shown, find_window_for(work, case=case, body=shown.body, version=version, rules=signing)


def require_shown(work: Work, *, case_id: str, shown_sha256: str, rules: ReportRules) -> None:
    """Whether what was shown could be signed now, before a proof is spent on it.

    Raises what sign_report would raise for the report itself.
    """
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    if preview(work, case_id=case_id, rules=rules).shown_sha256 != shown_sha256:
        raise ShownChangedError(CaseId(case_id))


def sign_report(
    work: Work,
    *,
    case_id: str,
    shown_sha256: str,
    rules: ReportRules,
    seal: Seal,
    proof: Proof = BY_PASSWORD,
) -> Report:
    """Sign the draft as it was shown; the case is answered and its claim ends, in one unit.

    Raises ShownChangedError when draft, patient or images are no longer what the signer saw.
    """
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    shown = preview(work, case_id=case_id, rules=rules)
    case = cases.get_case(work, case_id)
    if shown.shown_sha256 != shown_sha256:
        raise ShownChangedError(case.id)
    version = len(store.list_of_case(work.session, case.id)) + 1
    signing = Signing(shown.content, shown.shown_sha256, signed_status(version))
    row = signing.row(work, case, version=version, seal=seal)
    proved = proof.use(work, case, shown.body, version=version)
    # the case's own step comes first: of two signatures at once, one wins there
    amendment = shown.content.get("amendment")
    if isinstance(amendment, dict):
        tell_of_change(work, case, row, kind="case.amended", reason=str(amendment["reason"]))
    else:
        _answer_case(work, case, row)
        queue.end_claim(work, case_id=case.id, how=ClaimEnd.REPORTED)
    store.delete_draft(work.session, case.id, work.actor.person)
    return keep_signed(work, case, row, proved)


def keep_signed(work: Work, case: Case, row: ReportRow, proved: Mapping[str, str]) -> Report:
    """Write a signed version, tell the journal, open it to both sides, have it put on paper."""
    report = store.save_report(work.session, row)
    _journal_signed(work, report, proved)
    _open_to_both(work, case, report)
    want_paper(work, report)
    return report


@dataclass(frozen=True, slots=True)
class Signing:
    """What is put under a signature: the content that was shown, and what it makes of a report."""

    content: Mapping[str, object] = field(repr=False)
    shown_sha256: str
    status: ReportStatus

    def row(self, work: Work, case: Case, *, version: int, seal: Seal) -> ReportRow:
        """The signed version, ready to be written."""
        told = dict(self.content) | {
            "signed_at": work.now.astimezone(UTC).isoformat(),
            "shown_sha256": self.shown_sha256,
            "seal_id": seal.id,
        }
        canonical = canonical_json(told)
        return ReportRow(
            id=new_id(),
            case_id=case.id,
            patient_id=case.patient_id,
            institution_id=work.actor.institution,
            version=version,
            status=self.status,
            service_type=case.service_type,
            author_id=work.actor.person,
            signed_at=work.now,
            canonical=canonical,
            sha256=sha256(canonical).hexdigest(),
            shown_sha256=self.shown_sha256,
            signature=seal.sign(canonical),
            seal_id=seal.id,
        )


def _require_signing(work: Work, case: Case) -> Report | None:
    """The version that would be amended, or None where whoever holds the case signs first."""
    if is_answered(case):
        return require_author(work, case)
    queue.require_claim(work, case.id)
    if case.panel_id not in work.actor.panel_ids:
        raise NotOnPanelError
    return None


def _require_changed(about: Circumstances, content: Mapping[str, object]) -> None:
    if about.basis is not None and not find_changes(about.basis, content):
        raise FormRefusedError([FieldProblem("amendment_reason", "amendment-changes-nothing")])


def _answer_case(work: Work, case: Case, row: ReportRow) -> None:
    if case.status is CaseStatus.ACCEPTED:
        case = cases.step(work, case, CaseStatus.READING, kind="case.reading")
    said = Said(codes={"report": row.id, "version": row.version})
    cases.step(work, case, CaseStatus.REPORTED, kind="case.reported", said=said)


def _journal_signed(work: Work, report: Report, proved: Mapping[str, str]) -> None:
    work.journal(
        Entry(
            "report.signed",
            ObjectType.REPORT,
            report.id,
            codes={
                "version": report.version,
                "status": report.status.value,
                "sha256": report.sha256,
                "shown_sha256": report.shown_sha256,
                "seal": report.seal_id,
                **proved,
            },
            case_id=report.case_id,
            patient_id=report.patient_id,
        )
    )


def _open_to_both(work: Work, case: Case, report: Report) -> None:
    """The report belongs to the invited institution and is granted to the inviting one.

    An amended one is seen by whoever was shown the version before it: the referral's hospital.
    """
    ref = report_ref(report.id)
    access.keep(work, ref, custodian=(Party.INSTITUTION, report.institution_id))
    access.grant(work, ref, to=(Party.INSTITUTION, case.institution_id), why=GRANT)
    known = [each for each in store.list_of_case(work.session, case.id) if each.id != report.id]
    if known:
        access.grant_alike(work, ref, like=report_ref(known[0].id), besides=GRANT)


def _circumstances(work: Work, case: Case, basis: Report | None) -> Circumstances:
    earlier = store.list_of_case(work.session, case.id)
    requesting = case.requesting_physician_id
    found = images.list_case_images(work, case.id)
    looks = valid_looks(work, case)
    used = relied_on(found, looks)
    return Circumstances(
        case=case,
        patient=patients.get_patient(work, case.patient_id),
        inviting=organisations.get_institution(work, case.institution_id),
        invited=organisations.get_institution(work, work.actor.institution),
        author=practitioners.get_practitioner(work, work.actor.person),
        requesting=None if requesting is None else practitioners.get_practitioner(work, requesting),
        images=used,
        excuses=images.list_excuses(work, case.id),
        left_out=[image for image in found if image not in used],
        looks=looks,
        version=len(earlier) + 1,
        previous_sha256=earlier[0].sha256 if earlier else None,
        basis=None if basis is None else content_of(basis),
        holders={
            each: organisations.get_institution(work, each)
            for each in {image.instance.institution_id for image in used if image.row.is_recognised}
        },
    )

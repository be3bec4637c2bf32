"""Taking a signed report back: a new signed version that says which one, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.practitioners import service as practitioners
from consult.queue import holding
from consult.queue.errors import NotOnPanelError
from consult.reports import store
from consult.reports.canonical import canonical_json
from consult.reports.content import institution_as_json, patient_as_json, person_as_json
from consult.reports.errors import NotReportAuthorError, ShownChangedError
from consult.reports.model import ReportStatus, RetractionCause, require_report_step
from consult.reports.release import Signed, keep_signed
from consult.reports.seal import Seal
from consult.reports.service_amend import get_basis, tell_of_change
from consult.reports.service_sign import Signing
from consult.reports.signing import BY_PASSWORD, Proof
from consult.reports.verify import content_of
from consult.reports.versions import Report, ReportRules

SCHEMA = "lianzhen.retraction/1"
LONGEST_REASON = 1000


@dataclass(frozen=True, slots=True)
class Retraction:
    """Why a report is taken back, and the hash of the version that the signer had before her."""

    cause: RetractionCause
    reason: str = field(repr=False)
    of_sha256: str


def may_retract(work: Work, case: Case, basis: Report) -> bool:
    """Whether the actor wrote the report or leads the panel that answers for it."""
    if case.panel_id is None or case.panel_id not in work.actor.panel_ids:
        return False
    panel = organisations.get_panel(work, case.panel_id)
    return work.actor.practitioner_id == basis.author_id or holding.leads(work, panel)


def retract_report(
    work: Work,
    *,
    case_id: str,
    said: Retraction,
    rules: ReportRules,
    seal: Seal,
    proof: Proof = BY_PASSWORD,
) -> Report:
    """Sign that the report is taken back; every version stays readable.

    Raises ShownChangedError when another version came meanwhile, NotReportAuthorError for anybody
    but its author and the panel's leader.
    """
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    proved = proof.alone()
    case = cases.get_case(work, case_id)
    basis = get_basis(work, case)
    _require_may(work, case, basis)
    newest = store.list_of_case(work.session, case.id)[0]
    require_report_step(newest.id, have=newest.status, want=ReportStatus.RETRACTED)
    if newest.sha256 != said.of_sha256:
        raise ShownChangedError(case.id)
    reason = said.reason.strip()[:LONGEST_REASON]
    if not reason:
        raise RefusedError("field-missing", field="reason")
    content = _make_content(work, case, newest, said=said, rules=rules)
    signing = Signing(content, sha256(canonical_json(content)).hexdigest(), ReportStatus.RETRACTED)
    row = signing.row(work, case, version=newest.version + 1, seal=seal)
    tell_of_change(work, case, row, kind="case.retracted", reason=reason)
    store.delete_draft(work.session, case.id, work.actor.person)
    return keep_signed(work, case, Signed(row, content, None, proved), rules=rules)


def _require_may(work: Work, case: Case, basis: Report) -> None:
    if may_retract(work, case, basis):
        return
    if case.panel_id not in work.actor.panel_ids:
        raise NotOnPanelError
    raise NotReportAuthorError


def _make_content(
    work: Work, case: Case, newest: Report, *, said: Retraction, rules: ReportRules
) -> Mapping[str, object]:
    title = rules.title
    signer = practitioners.get_practitioner(work, work.actor.person)
    before = content_of(newest)
    return {
        "schema": SCHEMA,
        "version": newest.version + 1,
        "previous_sha256": newest.sha256,
        "case": {
            "id": case.id,
            "number": case.number,
            "service_type": case.service_type.value,
        },
        "inviting": institution_as_json(organisations.get_institution(work, case.institution_id)),
        "invited": institution_as_json(organisations.get_institution(work, work.actor.institution)),
        # as it stood on the report that is taken back, whatever the books say by now
        "patient": before.get("patient")
        or patient_as_json(patients.get_patient(work, case.patient_id)),
        "requesting": before.get("requesting"),
        "author": person_as_json(signer) | {"record_of": [part.value for part in title.authors]},
        "diagnosis_by": title.diagnosis_by.value,
        "title": {"zh": title.title.zh, "en": title.title.en},
        "signature_line": {
            "zh": rules.titles.signature_line.zh,
            "en": rules.titles.signature_line.en,
        },
        "retraction": {
            "of_version": newest.version,
            "of_sha256": newest.sha256,
            "cause": said.cause.value,
            "reason": said.reason.strip()[:LONGEST_REASON],
        },
        "rules": {"titles": f"{rules.titles.name} {rules.titles.version}"},
    }

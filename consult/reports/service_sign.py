"""Signing: the signature covers exactly what the signer was shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from hashlib import sha256

from consult.cases import service as cases
from consult.cases.model import Case
from consult.kernel.errors import FieldProblem, FormRefusedError
from consult.kernel.ids import CaseId, new_id
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import service as practitioners
from consult.people.sessions.model import Window
from consult.queue import service as queue
from consult.queue.errors import NotOnPanelError
from consult.reports import store
from consult.reports.body import parse_body
from consult.reports.canonical import canonical_json
from consult.reports.changes import find_changes
from consult.reports.checking import check_body
from consult.reports.circumstances import gather_circumstances
from consult.reports.content import Circumstances, make_content
from consult.reports.errors import DraftMissingError, ShownChangedError
from consult.reports.model import ReportStatus, signed_status
from consult.reports.release import Signed, keep_signed
from consult.reports.screens import Screen, check_screen
from consult.reports.seal import Seal
from consult.reports.second.service import settle
from consult.reports.service_amend import is_answered, require_author, tell_of_change
from consult.reports.service_looks import check_looks, pictured_eyes
from consult.reports.signed_marks import check_marks
from consult.reports.signing import BY_PASSWORD, Proof, SigningRules, find_window_for
from consult.reports.tables import ReportRow
from consult.reports.versions import Preview, Report, ReportRules


def preview(
    work: Work, *, case_id: str, rules: ReportRules, screen: Screen | None = None
) -> Preview:
    """What the signer is about to sign: a first report, or the amendment of one that is signed.

    Raises FormRefusedError with everything that is missing or contradicts itself.
    """
    case = cases.get_case(work, case_id)
    basis = _require_signing(work, case)
    draft = store.find_draft(work.session, case.id, work.actor.person)
    if draft is None:
        raise DraftMissingError(case.id)
    written = parse_body(draft.content)
    about = gather_circumstances(work, case, basis, screen=screen)
    problems = check_screen(screen, case)
    problems += check_looks(rules.form, [*about.images, *about.left_out], about.looks)
    checked = check_body(
        case, written, rules=rules, pictured=pictured_eyes(about.images, about.looks)
    )
    body, problems = checked.body, [*problems, *checked.problems]
    problems += check_marks(about.sheet, about.images)
    if basis is not None and not body.amendment_reason:
        problems.append(FieldProblem("amendment_reason", "field-missing"))
    if problems:
        raise FormRefusedError(problems)
    content = make_content(about, body, rules=rules)
    _require_changed(about, content)
    shown = sha256(canonical_json(content)).hexdigest()
    return Preview(content, shown, draft.revision, body, about.sheet)


def preview_with_window(
    work: Work,
    *,
    case_id: str,
    rules: ReportRules,
    signing: SigningRules,
    screen: Screen | None = None,
) -> tuple[Preview, Window | None]:
    """The same, and the open signing window in which it may be signed (U19)."""
    shown = preview(work, case_id=case_id, rules=rules, screen=screen)
    case = cases.get_case(work, case_id)
    version = len(store.list_of_case(work.session, case.id)) + 1
    return shown, find_window_for(work, case=case, body=shown.body, version=version, rules=signing)


def require_shown(
    work: Work,
    *,
    case_id: str,
    shown_sha256: str,
    rules: ReportRules,
    screen: Screen | None = None,
) -> None:
    """Whether what was shown could be signed now, before a proof is spent on it.

    Raises what sign_report would raise for the report itself.
    """
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    shown = preview(work, case_id=case_id, rules=rules, screen=screen)
    if shown.shown_sha256 != shown_sha256:
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
    """Sign the draft as it was shown; the claim ends and the case is answered, in one unit.

    Where another physician reads or reviews it, the case waits for her and nothing is released.

    Raises ShownChangedError when draft, patient or images are no longer what the signer saw.
    """
    practitioners.require_licensed(work, organisations.today_at(work, work.actor.institution))
    shown = preview(work, case_id=case_id, rules=rules, screen=proof.screen)
    case = cases.get_case(work, case_id)
    if shown.shown_sha256 != shown_sha256:
        raise ShownChangedError(case.id)
    version = len(store.list_of_case(work.session, case.id)) + 1
    signing = Signing(shown.content, shown.shown_sha256, signed_status(version))
    row = signing.row(work, case, version=version, seal=seal)
    proved = proof.use(work, case, shown.body, version=version)
    store.delete_draft(work.session, case.id, work.actor.person)
    marks = None if shown.sheet is None else shown.sheet.content
    # the case's own step comes first: of two signatures at once, one wins there
    amendment = shown.content.get("amendment")
    if not isinstance(amendment, dict):
        return settle(work, case, Signed(row, shown.content, marks, proved), rules=rules)
    tell_of_change(work, case, row, kind="case.amended", reason=str(amendment["reason"]))
    return keep_signed(work, case, Signed(row, shown.content, marks, proved), rules=rules)


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

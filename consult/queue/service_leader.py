"""What the panel's leader, or a coordinator, settles: sent on, sent to another panel, rejected."""

from collections.abc import Sequence
from dataclasses import replace

from consult.cases import service as cases
from consult.cases import sharing
from consult.cases.drafts import require_reason
from consult.cases.images import service as images
from consult.cases.model import Case, CaseStatus
from consult.cases.recognition import ending
from consult.cases.service import Said
from consult.journal import service as journal
from consult.journal.model import Line
from consult.kernel.ids import CaseId
from consult.kernel.work import Work
from consult.people.organisations import panels
from consult.people.organisations import service as organisations
from consult.people.organisations.model import PanelChoice
from consult.queue import holding
from consult.queue.errors import PanelNotAgreedError, PanelUnledError, SamePanelError

FORWARDED = "case.forwarded"
TRAIL = frozenset({"case.declined", "case.escalated", FORWARDED})
LONGEST_TRAIL = 100


def send_on(work: Work, *, case_id: CaseId) -> Case:
    """The panel's leader puts a declined case before the panel again."""
    case = cases.get_case(work, case_id)
    panel = holding.require_leader(work, case)
    owner_id = holding.answering(work, panel)
    return cases.step(work, case, CaseStatus.ASSIGNED, kind="case.reassigned", owner_id=owner_id)


def reject_case(work: Work, *, case_id: CaseId, reason: str) -> Case:
    """The panel's leader turns a declined case down for good, with the reason; its sharing ends."""
    case = cases.get_case(work, case_id)
    holding.require_leader(work, case)
    said = Said(words={"reason": require_reason(reason)})
    after = cases.step(work, case, CaseStatus.REJECTED, kind="case.rejected", said=said)
    sharing.close_to_invited(work, after)
    ending.end_of_case(work, after)
    return after


def list_targets(work: Work, *, case_id: CaseId) -> Sequence[PanelChoice]:
    """The other panels to which the inviting institution's agreements let this case go today."""
    case = cases.get_case(work, case_id)
    holding.require_triage(work, case)
    return list_open_to(work, case)


def forward_case(work: Work, *, case_id: CaseId, to_panel_id: str, reason: str) -> Case:
    """Send a case that waits or was declined to another panel; the promise is not reset.

    Its hospital loses access where the other panel sits elsewhere. Raises SamePanelError,
    PanelNotAgreedError, PanelUnledError.
    """
    case = cases.get_case(work, case_id)
    before = holding.require_triage(work, case)
    why = require_reason(reason)
    if to_panel_id == before.id:
        raise SamePanelError
    choice = next((each for each in list_open_to(work, case) if each.panel.id == to_panel_id), None)
    if choice is None:
        raise PanelNotAgreedError
    if not panels.has_leader(work, choice.panel):
        raise PanelUnledError
    return put_before(work, holding.free_own(work, case), choice, said=Said(words={"reason": why}))


def put_before(work: Work, case: Case, choice: PanelChoice, *, said: Said) -> Case:
    """Let a case wait before another panel, for a person or by the clock."""
    panels_named = {"panel": case.panel_id, "to_panel": choice.panel.id}
    after = cases.step(
        work,
        case,
        CaseStatus.ASSIGNED,
        kind=FORWARDED,
        owner_id=holding.answering(work, choice.panel),
        said=replace(said, codes={**said.codes, **panels_named}),
        panel_id=choice.panel.id,
        consortium_id=choice.panel.consortium_id,
        invited_institution_id=choice.panel.institution_id,
        agreement_id=choice.agreement.id,
    )
    if after.invited_institution_id != case.invited_institution_id:
        sharing.close_to_invited(work, case)
        sharing.open_to_invited(work, after, study_ids=images.studies_of(work, case.id))
    return after


def list_trail(work: Work, case_id: str) -> list[Line]:
    """Every decline, escalation and forwarding of a case, the oldest first."""
    case = cases.get_case(work, case_id)
    lines = journal.lines_of_kinds(work.session, case.id, kinds=TRAIL, limit=LONGEST_TRAIL)
    return lines[::-1]


def list_open_to(work: Work, case: Case) -> list[PanelChoice]:
    """The other panels to which agreements let a case go today, for whoever decides about it."""
    found = organisations.panel_choices(
        work,
        inviting_id=case.institution_id,
        service_type=case.service_type,
        on=organisations.today_at(work, case.institution_id),
    )
    return [choice for choice in found if choice.panel.id != case.panel_id]

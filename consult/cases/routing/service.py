"""The panel that is proposed for a case, and why; nobody passes the hub without a reason (Q-05)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from consult.cases import service_draft
from consult.cases.drafts import require_reason
from consult.cases.events import case_entry
from consult.cases.model import Case, CaseStatus, Priority
from consult.cases.routing import store
from consult.cases.routing.store import Routing
from consult.db.reading import once
from consult.kernel.errors import Fact, FieldProblem
from consult.kernel.ids import PanelId
from consult.kernel.work import Work
from consult.people.duty import service as duty
from consult.people.organisations import panels
from consult.people.organisations import service as organisations
from consult.people.organisations.model import PanelChoice
from consult.people.practitioners import service as practitioners
from consult.people.routing import experts
from consult.people.routing import service as capabilities
from consult.people.routing.expertise import Expert
from consult.people.routing.model import Candidate, Proposal, RoutingRules, propose

OPEN_BEFORE = frozenset(
    {
        *(CaseStatus.ASSIGNED, CaseStatus.ACCEPTED, CaseStatus.READING, CaseStatus.DECLINED),
        *(CaseStatus.SECOND_READ, CaseStatus.ARBITRATION, CaseStatus.REPORT_REVIEW),
    }
)
HUB_SKIPPED = "case.hub_skipped"


@dataclass(frozen=True, slots=True)
class Asked:
    """For what a panel is sought: the clinic, the service, and what the form says so far."""

    institution_id: str
    service_type: str
    answers: Mapping[str, object]
    priority: str


def asked_by(case: Case) -> Asked:
    """The same of a case."""
    return Asked(case.institution_id, case.service_type, case.answers, case.priority)


def proposal_for(work: Work, asked: Asked, *, rules: RoutingRules) -> Proposal:
    """The panels that may have such a case today, in the order of the rule."""
    need = rules.need_of(asked.service_type, asked.answers, asked.priority)
    key = ("candidates", asked.institution_id, asked.service_type)
    found = once(work.session, key, lambda: _candidates(work, asked))
    return propose(need, found, rules=rules)


def new_proposal(
    work: Work, *, service_type: str, institution_id: str, rules: RoutingRules
) -> Proposal:
    """The same before a case is opened, when nothing is known but the service."""
    asked = Asked(institution_id, service_type, {}, Priority.ROUTINE)
    return proposal_for(work, asked, rules=rules)


def say_hub_reason(
    work: Work, *, case_id: str, revision: int, reason: str, rules: RoutingRules
) -> Case:
    """Write why this draft goes past the hub; it holds for the panel that is chosen now."""
    case = service_draft.get_draft(work, case_id, revision=revision)
    words = require_reason(reason)
    routing = replace(
        _routing(work, case, rules=rules),
        hub_reason=words,
        reason_by_id=work.actor.practitioner_id,
    )
    store.save_routing(work.session, routing)
    codes: dict[str, Fact] = {"panel": case.panel_id, "proposed": routing.proposed_id}
    work.journal(case_entry(case, HUB_SKIPPED, codes=codes, words={"reason": words}))
    return case


def hub_problems(work: Work, case: Case, *, rules: RoutingRules) -> Iterator[FieldProblem]:
    """A case goes past the hub only with a reason; one that was sent so before is not asked."""
    if case.invited_institution_id in _hubs(work, case):
        return
    known = find_routing(work, case)
    if known is not None and (known.hub_reason or known.recorded_at is not None):
        return
    if proposal_for(work, asked_by(case), rules=rules).skips_hub(case.panel_id):
        yield FieldProblem("hub_reason", "hub-reason-missing")


def record_routing(work: Work, case: Case, *, rules: RoutingRules) -> Mapping[str, Fact]:
    """Keep with a case that is sent which panel was proposed, and why; what the journal says."""
    routing = replace(_routing(work, case, rules=rules), recorded_at=work.now)
    store.save_routing(work.session, routing)
    return {
        "routing": routing.rules,
        "proposed": routing.proposed_id,
        "why": " ".join(routing.why),
        "lacks": " ".join(routing.lacks),
    }


def find_routing(work: Work, case: Case) -> Routing | None:
    """What is kept of a case that the caller was shown, for the panel that it goes to."""
    found = store.find_routing(work.session, case.id)
    return found if found is not None and found.panel_id == case.panel_id else None


def _routing(work: Work, case: Case, *, rules: RoutingRules) -> Routing:
    proposal = proposal_for(work, asked_by(case), rules=rules)
    known, chosen = find_routing(work, case), proposal.find(case.panel_id)
    first = proposal.first
    return Routing(
        case_id=case.id,
        panel_id=case.panel_id or PanelId(""),
        proposed_id=None if first is None else first.candidate.panel_id,
        why=() if chosen is None else tuple(chosen.met),
        lacks=() if chosen is None else tuple(sorted(chosen.lacks)),
        rules=proposal.version,
        hub_reason="" if known is None else known.hub_reason,
        reason_by_id=None if known is None else known.reason_by_id,
        recorded_at=None if known is None else known.recorded_at,
    )


def _candidates(work: Work, asked: Asked) -> Sequence[Candidate]:
    found = [
        choice
        for choice in organisations.panel_choices(
            work,
            inviting_id=asked.institution_id,
            service_type=asked.service_type,
            on=organisations.today_at(work, asked.institution_id),
        )
        if panels.has_leader(work, choice.panel)
    ]
    places = {choice.invited.id for choice in found}
    can = capabilities.capabilities_of(work, places)
    chain = capabilities.chain_of(work, asked.institution_id).hospital_ids
    consortia = {choice.panel.consortium_id for choice in found}
    hubs = capabilities.hubs_of(work, asked.institution_id, consortia)
    panel_ids = [choice.panel.id for choice in found]
    load = store.count_open(work.session, panel_ids, statuses=OPEN_BEFORE)
    return tuple(
        Candidate(
            panel_id=choice.panel.id,
            institution_id=choice.invited.id,
            specialties=_specialties(work, choice, members),
            capabilities=can[choice.invited.id],
            is_hub=choice.invited.id in hubs,
            in_chain=choice.invited.id in chain,
            on_duty=any(each.on_duty for each in members),
            open_cases=load.get(choice.panel.id, 0),
            members=len(members),
            experts=members,
        )
        for choice in sorted(found, key=lambda each: each.panel.id)
        for members in [_experts(work, choice)]
    )


def _experts(work: Work, choice: PanelChoice) -> tuple[Expert, ...]:
    on_duty = duty.attendance_of(work, choice.panel).on_duty
    return experts.experts_of(work, choice.panel.member_ids, on_duty)


def _hubs(work: Work, case: Case) -> frozenset[str]:
    place, consortium = case.institution_id, case.consortium_id
    key = ("hubs", place, consortium)
    return once(work.session, key, lambda: capabilities.hubs_of(work, place, {consortium}))


def _specialties(work: Work, choice: PanelChoice, members: Sequence[Expert]) -> frozenset[str]:
    named = practitioners.specialties_of(work, choice.panel.member_ids)
    return named.union(*(each.expertise.fields for each in members))

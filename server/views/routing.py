"""Why a panel is proposed, in plain words; and what the institutions can do."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from consult.cases.model import Case, CaseStatus
from consult.cases.routing import service as routing
from consult.cases.routing.store import Routing
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution, PanelChoice
from consult.people.routing import service as capabilities
from consult.people.routing.model import Proposal, Ranked
from consult.people.routing.service import Chain
from server.keys import RULES
from server.rules.rulebook import Rulebook

_BEFORE = frozenset({CaseStatus.DRAFT, CaseStatus.RETURNED})


@dataclass(frozen=True, slots=True)
class RoutingPart:
    """What is proposed for a draft, and what is kept of a case that was sent.

    `choice` is the panel that is proposed in place of the chosen one, with its place in the rule.
    """

    kept: Routing | None
    proposal: Proposal | None
    chosen: Ranked | None
    choice: tuple[PanelChoice, Ranked] | None
    skips_hub: bool


@dataclass(frozen=True, slots=True)
class CapabilitiesForm:
    """What one institution can do, its chain, and the hospitals that a chain may name."""

    institution: Institution
    codes: frozenset[str]
    chain: Chain
    hospitals: Sequence[Institution]


def make_part(work: Work, case: Case, rules: Rulebook) -> RoutingPart | None:
    """Beside the panel of a case: the proposal while it can change, else what was kept."""
    kept = routing.find_routing(work, case)
    is_own = case.institution_id == work.actor.institution_id
    if case.status not in _BEFORE or not is_own:
        return None if kept is None else RoutingPart(kept, None, None, None, skips_hub=False)
    proposal = routing.proposal_for(work, routing.asked_by(case), rules=rules.cases.routing)
    first = proposal.first
    is_other = first is not None and first.candidate.panel_id != case.panel_id
    found = _choices(work, case) if is_other and first is not None else []
    choice = next(
        ((each, first) for each in found if first and each.panel.id == first.candidate.panel_id),
        None,
    )
    skips = proposal.skips_hub(case.panel_id)
    return RoutingPart(kept, proposal, proposal.find(case.panel_id), choice, skips_hub=skips)


def make_form(work: Work, *, institution_id: str) -> CapabilitiesForm:
    """One institution's form."""
    capabilities.require_reach(work, institution_id)
    institution = organisations.get_institution(work, institution_id)
    known = capabilities.capabilities_of(work, {institution.id})
    return CapabilitiesForm(
        institution=institution,
        codes=known[institution.id],
        chain=capabilities.chain_of(work, institution.id),
        hospitals=[
            each
            for each in organisations.list_institutions(work)
            if each.id != institution.id and each.stopped_at is None
        ],
    )


def in_order(found: Sequence[PanelChoice], proposal: Proposal) -> list[PanelChoice]:
    """These panels as the rule orders them, those behind that it does not know."""
    places = {each.candidate.panel_id: place for place, each in enumerate(proposal.ranked)}
    return sorted(found, key=lambda each: places.get(each.panel.id, len(places)))


def known_codes(request: web.Request) -> list[str]:
    """Every capability that config/terms has words for."""
    return list(request.app[RULES].terms.groups["capability"])


def _choices(work: Work, case: Case) -> list[PanelChoice]:
    return organisations.panel_choices(
        work,
        inviting_id=case.institution_id,
        service_type=case.service_type,
        on=organisations.today_at(work, case.institution_id),
    )

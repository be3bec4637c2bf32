"""The urgency that the rules propose for a case as it stands."""

from aiohttp import web

from consult.cases.drafts import flags_in
from consult.cases.model import Case
from consult.cases.urgency import UrgencyProposal, propose_urgency
from server.keys import RULES


def proposal_of(request: web.Request, case: Case) -> UrgencyProposal:
    """What the rules say now, with the rule that fired and its reason."""
    return propose_urgency(
        request.app[RULES].cases.urgency,
        service_type=case.service_type,
        red_flags=flags_in(case.answers),
    )

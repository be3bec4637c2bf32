"""Cases that their sender takes back before they are answered."""

from consult.cases import service as cases
from consult.cases import sharing
from consult.cases.drafts import require_reason
from consult.cases.errors import SubmitterNotPhysicianError
from consult.cases.model import Case, CaseStatus
from consult.cases.recognition import ending
from consult.cases.returns import service as returns
from consult.kernel.work import Role, Work


def withdraw_case(work: Work, *, case_id: str, revision: int, reason: str) -> Case:
    """Take a case back; the invited side keeps no access to case, patient or images."""
    case = cases.get_own_case(work, case_id)
    if Role.REQUESTING_PHYSICIAN not in work.actor.roles:
        raise SubmitterNotPhysicianError
    cases.require_revision(case, revision)
    said = cases.Said(words={"reason": require_reason(reason)})
    after = cases.step(work, case, CaseStatus.WITHDRAWN, kind="case.withdrawn", said=said)
    returns.end_withdrawn(work, case.id)
    sharing.close_to_invited(work, after)
    ending.end_of_case(work, after)
    ending.end_as_source(work, after)
    return after

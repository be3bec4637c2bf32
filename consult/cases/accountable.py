"""Who answers for a case after a step: exactly one person, and one who is still there (Q-12)."""

from consult.cases.errors import OwnerMissingError, PhysicianMissingError
from consult.cases.model import ACCOUNTABLE, Accountable, Case, CaseStatus, is_open
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Role, Work
from consult.people.duty import service as duty
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations


def owner_of(
    work: Work, case: Case, to: CaseStatus, *, named: PractitionerId | None
) -> PractitionerId | None:
    """Who is accountable after the step; raises OwnerMissingError where that is nobody."""
    if not is_open(to):
        return None
    owner = named or _usual_owner(work, case, to)
    if owner is None:
        raise OwnerMissingError(case.id, to)
    return owner


def _usual_owner(work: Work, case: Case, to: CaseStatus) -> PractitionerId | None:
    match ACCOUNTABLE[to]:
        case Accountable.REQUESTING_PHYSICIAN:
            return _requesting_physician(work, case)
        case Accountable.COORDINATOR | Accountable.PANEL_LEADER:
            # No institution triages by hand, so the panel's leader answers from the first moment.
            return _panel_leader(work, case)
        case Accountable.EXPERT:
            stays = ACCOUNTABLE[case.status] is Accountable.EXPERT
            return case.owner_id if stays else work.actor.practitioner_id
        case _:
            return None


def physician_for(work: Work, institution_id: str) -> PractitionerId:
    """The actor, where she may ask; else the first who does there today, by name.

    Raises PhysicianMissingError where nobody does.
    """
    role = Role.REQUESTING_PHYSICIAN
    if role in work.actor.roles:
        return work.actor.person
    found = affiliations.list_people_with_role(work, institution_id, role)
    if not found:
        raise PhysicianMissingError
    return found[0].practitioner_id


def physician_of(work: Work, case: Case) -> PractitionerId:
    """Who acts for the inviting side in this case: whoever asked, or a colleague once she has left.

    Raises PhysicianMissingError where nobody asked.
    """
    found = _requesting_physician(work, case)
    if found is None:
        raise PhysicianMissingError
    return found


def _requesting_physician(work: Work, case: Case) -> PractitionerId | None:
    """Whoever asked; where she has left meanwhile, the first colleague who holds her role.

    Where nobody does today, whoever was the last to hold it: her place is not stopped while the
    case is open, and the administrator is shown that her last day has passed.
    """
    asked = case.requesting_physician_id or case.prepared_by_id
    role, place = Role.REQUESTING_PHYSICIAN, case.institution_id
    found = affiliations.list_people_with_role(work, place, role)
    able = [
        each.practitioner_id for each in found or affiliations.list_not_stopped(work, place, role)
    ]
    return asked if asked in able or not able else able[0]


def _panel_leader(work: Work, case: Case) -> PractitionerId | None:
    if case.panel_id is None:
        return None
    return duty.answering(work, organisations.panel_in_use(work, case.panel_id))

"""Whom a message may name, and to whom it goes where it names nobody."""

from collections.abc import Collection, Iterable

from consult.cases.model import Case
from consult.discussion.model import Head
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Role, Work
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.queue import service as queue
from consult.reports import service as reports

_CLINIC = (Role.REQUESTING_PHYSICIAN,)
_PANEL = (Role.COORDINATOR,)
MOST_CHOICES = 100


def list_people(work: Work, case: Case, heads: Iterable[Head]) -> list[PractitionerId]:
    """Who takes part on either side: who asked, who answers, and whoever has written."""
    found = [case.requesting_physician_id, case.prepared_by_id, case.owner_id]
    claim = queue.find_claim(work, case.id)
    found.append(None if claim is None else claim.practitioner_id)
    found += sorted({head.author_id for head in heads})
    found += _at(work, case.institution_id, _CLINIC)
    if case.panel_id is not None:
        panel = organisations.get_panel(work, case.panel_id)
        found += [panel.leader_id, *sorted(panel.member_ids)]
    if case.invited_institution_id is not None:
        found += _at(work, case.invited_institution_id, _PANEL)
    known = dict.fromkeys(each for each in found if each is not None)
    return [each for each in known if each != work.actor.practitioner_id][:MOST_CHOICES]


def addressee(work: Work, case: Case, thread: Collection[Head]) -> PractitionerId | None:
    """Whose answer is expected: of a reply the other one in its thread, else the other side's."""
    others = [head.author_id for head in thread if head.author_id != work.actor.practitioner_id]
    if others:
        return others[-1]
    if work.actor.institution_id == case.invited_institution_id:
        return case.requesting_physician_id
    claim = queue.find_claim(work, case.id)
    if claim is not None:
        return claim.practitioner_id
    signed = reports.list_reports(work, case.id)
    if signed:
        return signed[0].author_id
    return None if case.panel_id is None else organisations.get_panel(work, case.panel_id).leader_id


def _at(work: Work, institution_id: str, roles: Iterable[Role]) -> list[PractitionerId]:
    return [
        place.practitioner_id
        for role in roles
        for place in affiliations.list_people_with_role(work, institution_id, role)
    ]

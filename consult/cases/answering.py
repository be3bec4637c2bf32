"""Whether somebody is there to answer: the role in which a person owns a case, and where (Q-12)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from consult.access import policy
from consult.access.model import ObjectType
from consult.cases import store
from consult.cases.events import case_ref
from consult.cases.model import ACCOUNTABLE, Accountable, Case, CaseStatus, is_open
from consult.journal import service as journal
from consult.kernel.ids import PractitionerId
from consult.kernel.work import Entry, Role, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import affiliations

OPEN = frozenset(status for status in CaseStatus if is_open(status))
ROLES: Mapping[Accountable, Role] = MappingProxyType(
    {
        Accountable.REQUESTING_PHYSICIAN: Role.REQUESTING_PHYSICIAN,
        Accountable.COORDINATOR: Role.EXPERT,
        Accountable.PANEL_LEADER: Role.EXPERT,
        Accountable.EXPERT: Role.EXPERT,
        Accountable.SECOND_READER: Role.EXPERT,
        Accountable.ARBITER: Role.REVIEWER,
        Accountable.REVIEWER: Role.REVIEWER,
        Accountable.REFERRAL_DESK: Role.REFERRAL_DESK,
    }
)
_PHYSICIAN_GONE = "institution.physician_gone"
_EITHER = frozenset({Role.EXPERT, Role.COORDINATOR})
_READERS = MappingProxyType(
    {
        # the panel's leader, or her coordinator, answers until somebody has taken it
        Accountable.SECOND_READER: _EITHER,
        Accountable.ARBITER: _EITHER | {Role.REVIEWER},
        Accountable.REVIEWER: _EITHER | {Role.REVIEWER},
    }
)
_AT_PANEL = frozenset({Accountable.PANEL_LEADER, Accountable.COORDINATOR})


_TOLD_OTHERWISE = frozenset({Accountable.REQUESTING_PHYSICIAN, *_AT_PANEL})


@dataclass(frozen=True, slots=True)
class Left:
    """Who still answers for open cases, though she works no more where they need her."""

    practitioner_id: PractitionerId
    part: Accountable
    case_count: int


def is_answered_for(work: Work, case: Case) -> bool:
    """Whether the accountable person works today where, and as what, the case's state asks."""
    if case.owner_id is None:
        return not is_open(case.status)
    part = ACCOUNTABLE[case.status]
    asked = _EITHER if part in _AT_PANEL else _READERS.get(part, frozenset({ROLES[part]}))
    return any(
        asked & place.roles and _concerns(work, case, part, place.institution_id)
        for place in affiliations.list_holding(work, case.owner_id)
    )


def count_without_physician(work: Work, institution_id: str) -> int:
    """How many open cases an institution has while no requesting physician works there today."""
    there = affiliations.list_people_with_role(work, institution_id, Role.REQUESTING_PHYSICIAN)
    return 0 if there else store.count_sent(work, institution_id, statuses=OPEN)


def list_without_physician(work: Work) -> list[Institution]:
    """The institutions within reach whose open cases nobody there can take further."""
    sending = store.list_sending(work, statuses=OPEN)
    return [
        institution
        for institution in organisations.list_institutions(work)
        if institution.id in sending and count_without_physician(work, institution.id)
    ]


def list_left(work: Work) -> list[Left]:
    """Readers, reviewers and referral offices within reach who left without a colleague (Q-12).

    Panels without a leader and clinics without a physician are told of by themselves.
    """
    reach = {institution.id for institution in organisations.list_institutions(work)}
    asked = frozenset(each for each in OPEN if ACCOUNTABLE[each] not in _TOLD_OTHERWISE)
    counts: Counter[tuple[PractitionerId, Accountable]] = Counter()
    for case, count in store.list_owners(work, statuses=asked):
        near = {case.institution_id, case.invited_institution_id} & reach
        if near and case.owner_id is not None and not is_answered_for(work, case):
            counts[case.owner_id, ACCOUNTABLE[case.status]] += count
    return [Left(person, part, count) for (person, part), count in counts.items()]


def note_without_physician(work: Work) -> int:
    """Write once of each that its last physician has gone (a clock's step); says of how many."""
    news = [each for each in list_without_physician(work) if not _is_noted(work, each)]
    for institution in news:
        work.journal(Entry(_PHYSICIAN_GONE, ObjectType.INSTITUTION, institution.id))
    return len(news)


def _is_noted(work: Work, institution: Institution) -> bool:
    """Whether it stands in the journal, and nothing has been said of the institution since."""
    newest = journal.newest_kind(
        work.session, object_type=ObjectType.INSTITUTION, object_id=institution.id
    )
    return newest == _PHYSICIAN_GONE


def _concerns(work: Work, case: Case, part: Accountable, place: str) -> bool:
    if part is Accountable.REQUESTING_PHYSICIAN:
        return place == case.institution_id
    if part is Accountable.REFERRAL_DESK:
        return policy.is_open_to(work, case_ref(case.id), place)
    return place == (case.invited_institution_id or case.institution_id)

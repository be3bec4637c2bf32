"""A telephone for ten minutes: a link is made on the clinic's computer, and used up once (U21).

Whoever holds a telephone has no account: what comes by it is sent in the name of the person who
made the link, with her rights of that moment, and every step finds the link anew by the hash of
the telephone's cookie.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.access.model import Action, RoleRules
from consult.cases import service as cases
from consult.cases import store as case_store
from consult.cases.events import case_entry
from consult.cases.model import Case
from consult.cases.papers import store
from consult.cases.papers.errors import (
    PaperLinkGoneError,
    PaperNotTakenError,
    TelephoneUnknownError,
)
from consult.cases.papers.model import LinkState, PaperKind, PaperLink, PaperRules
from consult.cases.papers.service import kinds_for
from consult.kernel.errors import Fact, NotFoundError
from consult.kernel.ids import InstitutionId, PractitionerId, new_id
from consult.kernel.work import Actor, Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.practitioners import affiliations


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a telephone is told before and while it photographs: no name, the last digits alone."""

    link: PaperLink
    state: LinkState
    made_by: PractitionerId
    institution_id: InstitutionId
    patient_tail: str
    kinds: Sequence[PaperKind]


def make_link(work: Work, *, case_id: str, token_hash: str, rules: PaperRules) -> PaperLink:
    """A link for one telephone; what was made for this case before is taken back.

    Raises PaperNotTakenError for a case that was given up.
    """
    case = cases.get_own_case(work, case_id)
    if not kinds_for(case.status):
        raise PaperNotTakenError
    _end_all(work, case, why="another")
    link = PaperLink(
        id=new_id(),
        case_id=case.id,
        institution_id=case.institution_id,
        made_by=work.actor.person,
        made_at=work.now,
        expires_at=work.now + rules.link,
        used_at=None,
        ended_at=None,
        taken=0,
    )
    store.save_link(work.session, link, token_hash=token_hash)
    codes = {"link": link.id, "until": link.expires_at.isoformat()}
    work.journal(case_entry(case, "paper.link_made", codes=codes))
    return link


def end_links(work: Work, *, case_id: str) -> None:
    """Take back what was made for this case; a telephone that used it is out at once."""
    _end_all(work, cases.get_own_case(work, case_id), why="person")


def find_live(work: Work, case_id: str) -> PaperLink | None:
    """The link of a case that a telephone may use, or does; policy is the caller's to ask."""
    found = store.list_open_links(work.session, case_id)
    return next((each for each in found if each.is_live(now=work.now)), None)


def look(work: Work, *, token_hash: str) -> Invitation | None:
    """What is told before anything is used up; None where nobody made such a link."""
    link = store.find_by_token(work.session, token_hash)
    return None if link is None else _invitation(work, link)


def use(work: Work, *, token_hash: str, session_hash: str) -> None:
    """Use a link up: exactly one telephone does; raises PaperLinkGoneError, NotFoundError."""
    link = store.find_by_token(work.session, token_hash)
    if link is None:
        raise NotFoundError
    state = link.state(now=work.now)
    if state is not LinkState.FRESH:
        raise PaperLinkGoneError(state.value)
    if not store.use_up(work.session, link.id, session_hash=session_hash, at=work.now):
        raise PaperLinkGoneError(LinkState.USED.value)
    _note(work, link, "paper.link_used")


def is_owner(work: Work, *, token_hash: str, session_hash: str) -> bool:
    """Whether this telephone is the one that used this link up."""
    own = store.find_by_session(work.session, session_hash)
    link = store.find_by_token(work.session, token_hash)
    return own is not None and link is not None and own.id == link.id


def stand(work: Work, *, session_hash: str) -> Invitation:
    """Where a telephone stands, also after its link is over; raises TelephoneUnknownError."""
    link = store.find_by_session(work.session, session_hash)
    if link is None:
        raise TelephoneUnknownError
    return _invitation(work, link)


def end_own(work: Work, *, session_hash: str) -> None:
    """The telephone says that it has photographed everything."""
    link = stand(work, session_hash=session_hash).link
    if store.end_link(work.session, link.id, at=work.now):
        _note(work, link, "paper.link_ended", why="telephone")


def find_sender(work: Work, *, session_hash: str, roles: RoleRules) -> tuple[PaperLink, Actor]:
    """In whose name a telephone sends, as far as she may still prepare cases there today.

    Raises TelephoneUnknownError, and PaperLinkGoneError where the link is over.
    """
    link = stand(work, session_hash=session_hash).link
    state = link.state(now=work.now)
    if state is not LinkState.USED:
        raise PaperLinkGoneError(state.value)
    for place in affiliations.list_holding(work, link.made_by):
        actor = Actor(
            practitioner_id=link.made_by,
            institution_id=link.institution_id,
            affiliation_id=place.id,
            roles=place.roles,
            consortium_ids=organisations.consortia_of(work, place.institution_id),
            session_id=f"telephone:{link.id}",
        )
        is_there = place.institution_id == link.institution_id
        if is_there and roles.permits(actor, Action.PREPARE_CASE):
            return link, actor
    raise PaperLinkGoneError(LinkState.ENDED.value)


def _invitation(work: Work, link: PaperLink) -> Invitation:
    case = cases.get_case(work, link.case_id)
    return Invitation(
        link=link,
        state=link.state(now=work.now),
        made_by=link.made_by,
        institution_id=link.institution_id,
        patient_tail=patients.get_patient(work, case.patient_id).tail,
        kinds=kinds_for(case.status),
    )


def _end_all(work: Work, case: Case, *, why: str) -> None:
    for link in store.list_open_links(work.session, case.id):
        is_live = link.is_live(now=work.now)
        if store.end_link(work.session, link.id, at=work.now) and is_live:
            codes: dict[str, Fact] = {"link": link.id, "why": why, "taken": link.taken}
            work.journal(case_entry(case, "paper.link_ended", codes=codes))


def _note(work: Work, link: PaperLink, kind: str, **codes: str) -> None:
    case = case_store.find_case(work, link.case_id)
    if case is None:
        raise NotFoundError
    told: dict[str, Fact] = {"link": link.id, "taken": link.taken, **codes}
    work.journal(case_entry(case, kind, codes=told))

"""The card of a case's page on which a consultation by telephone is kept, and those that are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from consult.access.model import Action
from consult.cases.model import Case
from consult.discussion.rights import may_read_discussion
from consult.kernel.work import Work
from consult.people.duty import phones
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.rooms.telephone import service as telephone
from consult.rooms.telephone.model import (
    LONGEST_NAME,
    LONGEST_RESULT,
    TelephoneConsult,
)
from server.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class TelephoneCall:
    """One consultation by telephone, with the names of who talked and of who wrote it down."""

    consult: TelephoneConsult
    author: PersonName | None
    place: Institution
    other: PersonName | None


@dataclass(frozen=True, slots=True)
class TelephoneForm:
    """What whoever may write one down is asked; `here` is now by the clock of her institution."""

    far: Institution
    phones: str
    people: Sequence[tuple[str, PersonName]]
    here: datetime
    longest_name: int = LONGEST_NAME
    longest: int = LONGEST_RESULT


@dataclass(frozen=True, slots=True)
class TelephoneCard:
    """Those of a case, the newest first; `form` is None for whoever only reads."""

    case: Case
    calls: Sequence[TelephoneCall]
    form: TelephoneForm | None


def make_part(work: Work, case: Case, rules: Rulebook) -> TelephoneCard | None:
    """The card; None where there is nothing to read or write, and for whoever may not know."""
    if not rules.roles.permits(work.actor, Action.ENTER_ROOM) or case.submitted_at is None:
        return None
    if not may_read_discussion(work, case, second=rules.second):
        return None
    writes = rules.roles.permits(work.actor, Action.CALL_ON_CASE) and telephone.may_keep(work, case)
    calls = list_calls(work, case)
    if not calls and not writes:
        return None
    return TelephoneCard(case, calls, _form(work, case) if writes else None)


def list_calls(work: Work, case: Case) -> list[TelephoneCall]:
    """Those of a case with names; policy is the caller's to ask."""
    found = telephone.list_consults(work, case)
    people = {each.author_id for each in found} | {each.with_id for each in found if each.with_id}
    names: Mapping[str, PersonName] = practitioners.names_of(work, people)
    return [
        TelephoneCall(
            consult=each,
            author=names.get(each.author_id),
            place=organisations.get_institution(work, each.institution_id),
            other=None if each.with_id is None else names.get(each.with_id),
        )
        for each in found
    ]


def _form(work: Work, case: Case) -> TelephoneForm:
    is_clinic = work.actor.institution_id == case.institution_id
    far_id = case.invited_institution_id if is_clinic else case.institution_id
    far = organisations.get_institution(work, far_id or case.institution_id)
    own = organisations.get_institution(work, work.actor.institution)
    people = telephone.list_people(work, case)
    names = practitioners.names_of(work, people)
    return TelephoneForm(
        far=far,
        phones=phones.phones_text(work, far),
        people=[(each, names[each]) for each in people if each in names],
        here=work.now.astimezone(ZoneInfo(own.zone)),
    )

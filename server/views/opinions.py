"""What participants of a case's calls signed, by call: the wording that stands, and the others."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.access.model import Action
from consult.cases.model import Case, is_open
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.reports.opinions import service as opinions
from consult.reports.opinions.model import Opinion
from consult.rooms.records import CallRecord
from server.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class SignedOpinion:
    """One participant's opinion: the wording that stands, and those before it, newest first."""

    newest: Opinion
    earlier: Sequence[Opinion]
    place: Institution


def opinions_of(work: Work, case: Case) -> Mapping[str, Sequence[SignedOpinion]]:
    """By room, in the order in which people first signed; policy is the caller's to ask."""
    wordings: dict[str, dict[str, list[Opinion]]] = {}
    for each in opinions.list_opinions(work, case):
        wordings.setdefault(each.room_id, {}).setdefault(each.author_id, []).insert(0, each)
    return {
        room_id: [
            SignedOpinion(
                signed[0],
                signed[1:],
                organisations.get_institution(work, signed[0].institution_id),
            )
            for signed in by_author.values()
        ]
        for room_id, by_author in wordings.items()
    }


def own_of(work: Work, signed: Sequence[SignedOpinion]) -> Opinion | None:
    """The reader's own wording that stands."""
    own = (each.newest for each in signed if each.newest.author_id == work.actor.practitioner_id)
    return next(own, None)


def may_sign(work: Work, case: Case, call: CallRecord, rules: Rulebook) -> bool:
    """Whether the page offers the reader to sign what she thinks of a call."""
    is_signer = rules.roles.permits(work.actor, Action.SIGN_REPORT)
    return is_signer and is_open(case.status) and opinions.took_part(call, work.actor.person)

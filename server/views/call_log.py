"""The call log of a referral as both sides see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import service_calls
from consult.referrals.calls import Call
from consult.referrals.records import Referral


@dataclass(frozen=True, slots=True)
class CallLog:
    """The newest calls about a referral, with who called, and from where."""

    referral: Referral
    calls: Sequence[Call]
    names: Mapping[str, PersonName]
    places: Mapping[str, Institution]


def make_log(work: Work, referral: Referral) -> CallLog:
    """Read the log."""
    calls = service_calls.list_calls(work, referral.id)
    return CallLog(
        referral=referral,
        calls=calls,
        names=practitioners.names_of(work, {call.caller_id for call in calls}),
        places=organisations.institutions_by_id(work, {call.institution_id for call in calls}),
    )

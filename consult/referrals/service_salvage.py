"""Following up a missed visit (追访): who has it, whom she called, how it came out."""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.access import policy
from consult.access.model import ObjectType
from consult.kernel.errors import RefusedError
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.referrals import appointment_store, call_store, follow_ups, salvage_store, store
from consult.referrals import service as referrals
from consult.referrals.calls import days_of
from consult.referrals.errors import (
    RiskNotToldError,
    SalvageChangedError,
    SalvageMissingError,
    TriesTooFewError,
)
from consult.referrals.reasons import require_reason
from consult.referrals.records import Appointment, Referral, Side
from consult.referrals.rules import BookingRules, SalvageRules
from consult.referrals.salvage import END_OF, Salvage, SalvageOutcome, SalvageView
from consult.referrals.service_end import bring_to_end
from consult.referrals.tables import SalvageRow

LONGEST_LIST = 200
MOST_CALLS_COUNTED = 500


@dataclass(frozen=True, slots=True)
class Tries:
    """How often patient or family was called in vain since the missed visit, on how many days."""

    calls: int
    days: int
    rules: SalvageRules

    @property
    def is_enough(self) -> bool:
        """Whether the patient may count as lost."""
        return self.calls >= self.rules.least_calls and self.days >= self.rules.least_days


@dataclass(frozen=True, slots=True)
class SalvageLine:
    """One follow-up of a list."""

    salvage: Salvage
    referral: Referral
    missed: Appointment


@dataclass(frozen=True, slots=True)
class SalvageEnd:
    """How a follow-up came out without another appointment, and whether the risk was told."""

    outcome: SalvageOutcome
    reason: str
    risk_told: bool = False


def list_salvages(work: Work, *, view: SalvageView, limit: int = LONGEST_LIST) -> list[Salvage]:
    """The follow-ups of the acting institution, the soonest due first."""
    return salvage_store.list_of_institution(
        work.session,
        institution_id=work.actor.institution,
        view=view,
        seen=policy.seen_clause(work, ObjectType.REFERRAL, SalvageRow.referral_id),
        limit=min(limit, LONGEST_LIST),
    )


def lines_of(work: Work, salvages: Sequence[Salvage]) -> list[SalvageLine]:
    """Follow-ups that the actor was shown, each with its referral and the visit that was missed."""
    known = store.referrals_by_id(work.session, {each.referral_id for each in salvages})
    missed = appointment_store.appointments_by_id(
        work.session, {each.appointment_id for each in salvages}
    )
    return [
        SalvageLine(each, known[each.referral_id], missed[each.appointment_id]) for each in salvages
    ]


def find_salvage(work: Work, referral: Referral) -> Salvage | None:
    """The newest follow-up of a referral that the actor was shown."""
    return salvage_store.find_newest(work.session, referral.id)


def get_salvage(work: Work, referral_id: str) -> tuple[Referral, Salvage]:
    """The newest follow-up of one's own referral; raises SalvageMissingError where none was due."""
    referral = referrals.get_referral(work, referral_id)
    referrals.require_sides(work, referral, Side.INVITING)
    salvage = find_salvage(work, referral)
    if salvage is None:
        raise SalvageMissingError(referral.id)
    return referral, salvage


def take_over(work: Work, *, referral_id: str, revision: int) -> Salvage:
    """Have the follow-up oneself from now on; to whom it belongs already nothing changes."""
    referral, salvage = _open(work, referral_id)
    if salvage.owner_id == work.actor.person:
        return salvage
    if salvage.revision != revision:
        raise SalvageChangedError(referral.id)
    kind = "referral.salvage_taken"
    return follow_ups.give_to(work, referral, salvage, work.actor.person, kind=kind)


def record_outcome(
    work: Work, *, referral_id: str, revision: int, said: SalvageEnd, rules: BookingRules
) -> Referral:
    """How the follow-up came out without another appointment; the referral ends by it.

    Raises RiskNotToldError for a refusal, TriesTooFewError for a patient who was not called enough.
    """
    referral, salvage = _open(work, referral_id)
    if salvage.revision != revision:
        raise SalvageChangedError(referral.id)
    if said.outcome not in END_OF:
        raise RefusedError("field-not-a-choice", field="outcome")
    why = require_reason(said.reason)
    if said.outcome is SalvageOutcome.REFUSED and not said.risk_told:
        raise RiskNotToldError
    tries = count_tries(work, salvage, rules=rules)
    if said.outcome is SalvageOutcome.LOST and not tries.is_enough:
        raise TriesTooFewError(tries.calls, days=tries.days, rules=tries.rules)
    return bring_to_end(work, referral, END_OF[said.outcome], why=why)


def count_tries(work: Work, salvage: Salvage, *, rules: BookingRules) -> Tries:
    """The calls in vain since the visit was missed, by either side."""
    zone = organisations.get_institution(work, salvage.institution_id).zone
    found = call_store.list_calls(
        work.session, salvage.referral_id, limit=MOST_CALLS_COUNTED, since=salvage.opened_at
    )
    tries = [call for call in found if call.is_try]
    return Tries(len(tries), len(days_of(tries, zone=zone)), rules.periods.salvage)


def _open(work: Work, referral_id: str) -> tuple[Referral, Salvage]:
    referral, salvage = get_salvage(work, referral_id)
    if not salvage.is_open:
        raise SalvageChangedError(referral.id)
    return referral, salvage

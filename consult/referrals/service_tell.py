"""What the patient was told and how the referral goes on: said once, for both (U5, REF-12)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from consult.cases import service as cases
from consult.cases.model import Case, CaseStatus
from consult.kernel.work import Work
from consult.referrals import salvage_store, service_end, store
from consult.referrals.errors import SalvageOpenError
from consult.referrals.model import ReferralStatus
from consult.referrals.rules import BookingRules
from consult.reports.tellings import service_end as telling_ends
from consult.reports.tellings.model import Telling, TellingRules, TellingState
from consult.reports.tellings.service_end import Outcome

REFERRAL_END: Final[Mapping[TellingState, ReferralStatus]] = MappingProxyType(
    {state: how for how, state in service_end.TOLD_BY.items()}
)
"""How a referral ends for which the patient says so, or is not reached."""


def record_outcome(
    work: Work,
    *,
    case_id: str,
    revision: int,
    said: Outcome,
    rules: TellingRules,
    booking: BookingRules,
) -> Telling:
    """Say what came of telling the patient; a referral that will not take place ends by it.

    Raises SalvageOpenError where a missed visit is followed up: its end is said there.
    """
    telling = telling_ends.end_telling(
        work, case_id=case_id, revision=revision, said=said, rules=rules
    )
    how = REFERRAL_END.get(telling.state)
    if how is not None:
        _end_referral(work, cases.get_own_case(work, case_id), telling, how, booking)
    return telling


def _end_referral(
    work: Work, case: Case, telling: Telling, how: ReferralStatus, booking: BookingRules
) -> None:
    live = store.find_live(work.session, case.id)
    if live is not None:
        if salvage_store.find_open(work.session, live.id) is not None:
            raise SalvageOpenError(live.id)
        service_end.bring_to_end(work, live, how, why=telling.reason)
    elif case.status is CaseStatus.ACKNOWLEDGED and telling_ends.is_to_be_referred(work, case):
        service_end.end_before(work, case_id=case.id, how=how, reason=telling.reason, rules=booking)

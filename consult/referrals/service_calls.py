"""The call log of a referral, which both sides write and both see (U22)."""

from collections.abc import Collection

from consult.journal.rows import kept
from consult.kernel.errors import RefusedError
from consult.kernel.ids import CallId, new_id
from consult.kernel.work import Work
from consult.referrals import call_store
from consult.referrals import service as referrals
from consult.referrals.calls import Call, CallResult, Spoken
from consult.referrals.errors import ReferralOverError
from consult.referrals.events import referral_entry
from consult.referrals.reasons import LONGEST_REASON
from consult.referrals.tables import CallRow

LONGEST_LOG = 50


def log_call(
    work: Work, *, referral_id: str, whom: Spoken, result: CallResult, note: str = ""
) -> Call:
    """Write down a call that was just made; raises ReferralOverError after the referral's end."""
    referral = referrals.get_referral(work, referral_id)
    referrals.require_sides(work, referral)
    if not referral.is_live:
        raise ReferralOverError(referral.id)
    told = note.strip()
    if len(told) > LONGEST_REASON:
        raise RefusedError("field-too-long", field="note", limit=LONGEST_REASON)
    call = Call(
        id=CallId(new_id()),
        referral_id=referral.id,
        institution_id=work.actor.institution,
        caller_id=work.actor.person,
        called_at=work.now,
        whom=whom,
        result=result,
        note=told,
    )
    call_store.save_new(work.session, call)
    work.journal(
        referral_entry(
            referral,
            "referral.called",
            codes={
                "call": call.id,
                "whom": whom,
                "result": result,
                **kept(work, CallRow, call.id),
            },
            words={"note": told} if told else {},
        )
    )
    return call


def list_calls(work: Work, referral_id: str) -> list[Call]:
    """The newest calls about a referral that the actor may see."""
    referral = referrals.get_referral(work, referral_id)
    return call_store.list_calls(work.session, referral.id, limit=LONGEST_LOG)


def count_calls(work: Work, referral_ids: Collection[str]) -> dict[str, int]:
    """How often was called about referrals that the actor was shown."""
    return call_store.count_calls(work.session, referral_ids)

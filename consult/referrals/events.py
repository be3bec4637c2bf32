"""What the journal says about a referral."""

from collections.abc import Mapping

from consult.access.model import ObjectType, Ref
from consult.kernel.errors import Fact
from consult.kernel.work import Entry
from consult.referrals.records import Referral


def referral_ref(referral_id: str) -> Ref:
    """The referral as policy knows it."""
    return Ref(ObjectType.REFERRAL, referral_id)


def why_granted(referral_id: str) -> str:
    """Why patient, case, studies and reports are open to the hospital: the one referral."""
    return f"referral:{referral_id}"


def referral_entry(
    referral: Referral,
    kind: str,
    *,
    codes: Mapping[str, Fact] | None = None,
    words: Mapping[str, str] | None = None,
) -> Entry:
    """An entry on the timeline of the case, with the referral's status after the act."""
    facts: dict[str, Fact] = {
        "number": referral.number,
        "status": referral.status,
        "revision": referral.revision,
    }
    return Entry(
        kind,
        ObjectType.REFERRAL,
        referral.id,
        codes={**facts, **(codes or {})},
        words=words or {},
        case_id=referral.case_id,
        patient_id=referral.patient_id,
    )

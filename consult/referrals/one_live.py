"""One live referral a person and specialty: whoever asks again is led to it (REF-12)."""

import hashlib
import unicodedata
from collections.abc import Collection

from consult.access import policy
from consult.calendar import service as calendar
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.patients import service as patients
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.referrals import appointment_store, store
from consult.referrals import service as referrals
from consult.referrals.errors import ReferralLiveError
from consult.referrals.events import referral_ref
from consult.referrals.records import Referral, Tracked

_NOBODY = PersonName("", "", "")


def make_live_key(work: Work, case: Case, specialty: str) -> str:
    """What is unique among live referrals: consortium, person and specialty, none of it legible."""
    word = "".join(unicodedata.normalize("NFKC", specialty).casefold().split())
    person = patients.get_person_mark(work, case.patient_id)
    return hashlib.sha256(f"{case.consortium_id}\x1f{person}\x1f{word}".encode()).hexdigest()


def track(work: Work, case: Case, specialties: Collection[str]) -> dict[str, Tracked]:
    """To which of these specialties the case's patient is referred already, from whatever case."""
    found = {
        specialty: store.find_live_by_key(work.session, make_live_key(work, case, specialty))
        for specialty in sorted(set(specialties))
    }
    return {name: _tracked(work, live) for name, live in found.items() if live is not None}


def require_none_live(work: Work, case: Case, specialty: str) -> str:
    """The key of a referral that may begin; raises ReferralLiveError beside a live one."""
    key = make_live_key(work, case, specialty)
    live = store.find_live(work.session, case.id) or store.find_live_by_key(work.session, key)
    if live is not None:
        raise ReferralLiveError(_tracked(work, live))
    return key


def require_free_key(work: Work, case: Case, specialty: str, *, besides: Referral) -> str:
    """The key of a live referral that goes on to this specialty; raises ReferralLiveError."""
    key = make_live_key(referrals.behind(work), case, specialty)
    live = store.find_live_by_key(work.session, key)
    if live is not None and live.id != besides.id:
        raise ReferralLiveError(_tracked(work, live))
    return key


def require_none_of_case(work: Work, case_id: str) -> None:
    """Raises ReferralLiveError where a referral of this case is live."""
    live = store.find_live(work.session, case_id)
    if live is not None:
        raise ReferralLiveError(_tracked(work, live))


def save_first(work: Work, referral: Referral, *, live_key: str | None) -> None:
    """Write a new referral; raises ReferralLiveError where another came first."""
    if store.save_new(work.session, referral, live_key=live_key):
        return
    live = store.find_live(work.session, referral.case_id)
    if live is None and live_key is not None:
        live = store.find_live_by_key(work.session, live_key)
    if live is None:
        raise LookupError("the database refused a referral that is no second one")
    raise ReferralLiveError(_tracked(work, live))


def _tracked(work: Work, live: Referral) -> Tracked:
    coming = appointment_store.find_coming(work.session, live.id)
    seen = policy.may_see(work.session, work.actor, referral_ref(live.id), now=work.now)
    places = organisations.institutions_by_id(work, {live.institution_id, live.host_id})
    names = practitioners.names_of(work, [live.requested_by_id])
    clinic = calendar.clinics_by_id(work, [str(live.clinic_id)]).get(str(live.clinic_id))
    return Tracked(
        referral_id=live.id,
        number=live.number,
        specialty=live.specialty,
        specialty_en="" if clinic is None else clinic.facts.department_en,
        status=live.status,
        requested_at=live.requested_at,
        requested_by=names.get(live.requested_by_id, _NOBODY),
        inviting=places[live.institution_id],
        host=places[live.host_id],
        starts_at=None if coming is None else coming.starts_at,
        case_id=live.case_id if seen else None,
    )

"""What a new or reset second factor does to sessions."""

from consult.kernel.work import Entry, Work
from consult.people.practitioners.sign_in_rules import SecondFactorRules
from consult.people.second_factors import service as second_factors
from consult.people.sessions import service as sessions
from consult.people.sessions import store


def reset_second_factor(work: Work, *, practitioner_id: str) -> None:
    """An administrator frees somebody from a lost phone: sessions end."""
    second_factors.reset_second_factor(work, practitioner_id=practitioner_id)
    for session_id in store.end_all(work.session, practitioner_id, at=work.now):
        codes = {"why": "second-factor-reset"}
        work.journal(Entry("session.revoked", "session", session_id, codes=codes))


def finish_second_factor(work: Work, *, code: str, rules: SecondFactorRules) -> list[str]:
    """The actor's new app counts from now on: her other sessions end (ASVS 5.0 7.4.3)."""
    codes = second_factors.finish_setup(work, code=code, rules=rules)
    sessions.revoke_others(work)
    return codes

"""Trying to sign in: a try is counted before it is checked, forgiven when right.

What one address, one network or all together may spend is counted at the door.
"""

from datetime import datetime, timedelta

from consult.kernel.work import Entry, Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners import store as practitioner_store
from consult.people.practitioners.sign_in_rules import AttemptRules
from consult.people.second_factors import service as second_factors
from consult.people.sessions import guard_store
from consult.people.sessions.errors import AccountLockedError
from consult.people.sessions.model import Attempt, Caller, count_failures

_ACCOUNT, _KNOWN, _PLACE = "sign-in account", "sign-in known browser", "sign-in place"


def begin_attempt(work: Work, *, login: str, caller: Caller, rules: AttemptRules) -> Attempt:
    """Count a try; raises AccountLockedError where the name's budget is spent.

    Counting comes first, so that a hundred tries at once are not a hundred guesses.
    """
    name = login.casefold()
    person = practitioners.find_by_login(work, name)
    # the same questions for a name that nobody has, so that their number tells nothing
    kept = practitioner_store.find_credential(work.session, "" if person is None else person.id)
    key = _account_key(work, name)
    if kept is not None and caller.known_browser is not None:
        # a reset password has another revision, and so begins with another count
        text = f"{kept.practitioner_id} {kept.revision} {caller.known_browser}"
        key = work.vault.blind(text, purpose=_KNOWN)
    left = _spend(work, key, rules)
    if isinstance(left, timedelta):
        raise AccountLockedError(left)
    return Attempt(
        login=name,
        key=key,
        address=caller.address,
        practitioner_id=None if kept is None else kept.practitioner_id,
        password_hash=None if kept is None else kept.password_hash,
        revision=None if kept is None else kept.revision,
        has_second_factor=second_factors.has_second_factor(
            work, "" if person is None else person.id
        ),
        locks_now=left == 0,
    )


def refuse_attempt(work: Work, *, attempt: Attempt, factor: str = "password") -> None:
    """Write down a wrong try: the typed name only as a keyed hash, the password not at all."""
    work.journal(
        Entry(
            "session.refused",
            "session",
            _account_key(work, attempt.login),
            codes={
                "practitioner": attempt.practitioner_id,
                "factor": factor,
                "locked": int(attempt.locks_now),
            },
            words={"address": attempt.address},
        )
    )


def refuse_name(work: Work, *, name: str) -> None:
    """Write down that a provider vouched for a name that nobody has."""
    codes = {"practitioner": None, "factor": "provider", "locked": 0}
    key = _account_key(work, name.casefold())
    work.journal(Entry("session.refused", "session", key, codes=codes))


def forgive_attempt(work: Work, *, attempt: Attempt) -> None:
    """Everything was right: the count starts anew."""
    _clear(work, attempt.key)


def withdraw_attempt(work: Work, *, attempt: Attempt) -> None:
    """Nothing was wrong, though it is not finished either: only this try is taken back."""
    guard = guard_store.lock_guard(work.session, attempt.key, now=work.now)
    kept = [datetime.fromisoformat(at) for at in guard.failures_at][:-1]
    guard_store.save_guard(work.session, guard, failures_at=kept, locked_until=None, now=work.now)


def lift_lock(work: Work, *, login: str) -> None:
    """Forget the wrong tries for a name."""
    _clear(work, _account_key(work, login.casefold()))


def record_limit(work: Work, *, kind: str, place: str) -> None:
    """Write down that a budget is spent: of an address, a network, or the installation's."""
    work.journal(
        Entry(
            "session.limited",
            "session",
            work.vault.blind(place, purpose=_PLACE),
            codes={"budget": kind},
            words={"place": place},
        )
    )


def _clear(work: Work, key: str) -> None:
    guard = guard_store.lock_guard(work.session, key, now=work.now)
    guard_store.save_guard(work.session, guard, failures_at=[], locked_until=None, now=work.now)


def _spend(work: Work, key: str, rules: AttemptRules) -> int | timedelta:
    """How many tries are left after this one, or how long there are none."""
    guard = guard_store.lock_guard(work.session, key, now=work.now)
    if guard.locked_until is not None and guard.locked_until > work.now:
        return guard.locked_until - work.now
    spent = count_failures(
        [datetime.fromisoformat(at) for at in guard.failures_at],
        now=work.now,
        window=rules.window,
    )
    spent.append(work.now)
    locked_until = work.now + rules.lock if len(spent) >= rules.account else None
    guard_store.save_guard(
        work.session, guard, failures_at=spent, locked_until=locked_until, now=work.now
    )
    return max(rules.account - len(spent), 0)


def _account_key(work: Work, name: str) -> str:
    return work.vault.blind(name, purpose=_ACCOUNT)

"""Trying to sign in: a try is counted before the password is checked, forgiven when right."""

from datetime import datetime, timedelta

from consult.kernel.work import Entry, Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.passwords import SignInRules
from consult.people.sessions import store
from consult.people.sessions.errors import AccountLockedError, AddressLockedError
from consult.people.sessions.model import Attempt, count_failures

_ACCOUNT, _ADDRESS = "sign-in account", "sign-in address"


def begin_attempt(work: Work, *, login: str, address: str, rules: SignInRules) -> Attempt:
    """Count a try; raises AccountLockedError or AddressLockedError where the budget is spent.

    Counting comes first, so that a hundred tries at once are not a hundred guesses.
    """
    name = login.casefold()
    left = _spend(work, _key(work, _ADDRESS, address), rules.address_failures, rules)
    if isinstance(left, timedelta):
        raise AddressLockedError(left)
    left = _spend(work, _key(work, _ACCOUNT, name), rules.account_failures, rules)
    if isinstance(left, timedelta):
        raise AccountLockedError(left)
    person = practitioners.find_by_login(work, name)
    return Attempt(
        login=name,
        address=address,
        practitioner_id=None if person is None else person.id,
        password_hash=None if person is None else practitioners.password_hash_of(work, person.id),
        locks_now=left == 0,
    )


def refuse_attempt(work: Work, *, attempt: Attempt) -> None:
    """Write down a wrong try: the typed name only as a keyed hash, the password not at all."""
    work.journal(
        Entry(
            "session.refused",
            "session",
            _key(work, _ACCOUNT, attempt.login),
            codes={
                "practitioner": attempt.practitioner_id,
                "locked": int(attempt.locks_now),
            },
            words={"address": attempt.address},
        )
    )


def forgive_attempt(work: Work, *, attempt: Attempt) -> None:
    """The password was right: the name starts anew, the address gets this try back."""
    lift_lock(work, login=attempt.login)
    address = store.lock_guard(work.session, _key(work, _ADDRESS, attempt.address), now=work.now)
    store.save_guard(
        work.session,
        address,
        failures_at=[datetime.fromisoformat(at) for at in address.failures_at][:-1],
        locked_until=None,
        now=work.now,
    )


def lift_lock(work: Work, *, login: str) -> None:
    """Forget the wrong tries for a name."""
    key = _key(work, _ACCOUNT, login.casefold())
    guard = store.lock_guard(work.session, key, now=work.now)
    store.save_guard(work.session, guard, failures_at=[], locked_until=None, now=work.now)


def _spend(work: Work, key: str, limit: int, rules: SignInRules) -> int | timedelta:
    """How many tries are left after this one, or how long there are none."""
    guard = store.lock_guard(work.session, key, now=work.now)
    if guard.locked_until is not None and guard.locked_until > work.now:
        return guard.locked_until - work.now
    spent = count_failures(
        [datetime.fromisoformat(at) for at in guard.failures_at],
        now=work.now,
        window=rules.window,
    )
    spent.append(work.now)
    locked_until = work.now + rules.lock if len(spent) >= limit else None
    store.save_guard(
        work.session, guard, failures_at=spent, locked_until=locked_until, now=work.now
    )
    return limit - len(spent) if len(spent) < limit else 0


def _key(work: Work, kind: str, text: str) -> str:
    return work.vault.blind(text, purpose=kind)

"""A second factor: set up, asked for, replaced, given up, reset by an administrator.

The door asks the password before each of these steps.
"""

from consult.access.model import ObjectType
from consult.kernel.work import Entry, Work
from consult.people.practitioners import affiliations
from consult.people.practitioners.sign_in_rules import SecondFactorRules
from consult.people.second_factors import store
from consult.people.second_factors.errors import (
    SecondFactorMissingError,
    SecondFactorRequiredError,
    SetupOverError,
    WrongCodeError,
)
from consult.people.second_factors.model import (
    SecondFactor,
    find_step,
    make_recovery_code,
    make_secret,
    plain_recovery_code,
)


def get_second_factor(work: Work) -> SecondFactor:
    """What the actor has."""
    row = store.find_row(work.session, work.actor.person)
    return SecondFactor(
        set_up_at=None if row is None else row.set_up_at,
        codes_left=store.count_codes(work.session, work.actor.person),
    )


def begin_setup(work: Work) -> None:
    """Make a secret for the actor's app; the one she has stays until the new one has proved."""
    person = work.actor.person
    sealed = work.vault.seal(make_secret(), purpose=_purpose(person))
    store.save_pending(work.session, person, sealed, at=work.now)
    work.journal(Entry("second_factor.begun", ObjectType.PRACTITIONER, person))


def find_pending(work: Work, rules: SecondFactorRules) -> str | None:
    """The secret to show while the app is being set up."""
    row = store.find_row(work.session, work.actor.person)
    if row is None or row.pending is None or row.pending_at is None:
        return None
    if work.now - row.pending_at > rules.setup:
        return None
    return work.vault.open(row.pending, purpose=_purpose(work.actor.person))


def finish_setup(work: Work, *, code: str, rules: SecondFactorRules) -> list[str]:
    """The first code of the new app: from now on it counts; the answer is codes for the paper."""
    person, secret = work.actor.person, find_pending(work, rules)
    if secret is None:
        raise SetupOverError
    step = find_step(secret, code, now=work.now, after=0)
    if step is None:
        raise WrongCodeError
    store.save_set_up(work.session, person, step=step, at=work.now)
    work.journal(Entry("second_factor.set_up", ObjectType.PRACTITIONER, person))
    return _make_codes(work, rules)


def renew_codes(work: Work, *, rules: SecondFactorRules) -> list[str]:
    """New codes for the paper; the old ones are void."""
    if not has_second_factor(work, work.actor.person):
        raise SecondFactorMissingError
    work.journal(Entry("second_factor.codes_renewed", ObjectType.PRACTITIONER, work.actor.person))
    return _make_codes(work, rules)


def remove_second_factor(work: Work, *, rules: SecondFactorRules) -> None:
    """The actor goes without, unless her role must not."""
    if rules.is_due(work.actor.roles):
        raise SecondFactorRequiredError
    if not store.delete_all(work.session, work.actor.person):
        raise SecondFactorMissingError
    work.journal(Entry("second_factor.removed", ObjectType.PRACTITIONER, work.actor.person))


def reset_second_factor(work: Work, *, practitioner_id: str) -> None:
    """An administrator frees somebody from a lost phone."""
    affiliations.require_within_reach(work, practitioner_id)
    affiliations.require_power_over(work, practitioner_id)
    if not store.delete_all(work.session, practitioner_id):
        raise SecondFactorMissingError
    work.journal(Entry("second_factor.reset", ObjectType.PRACTITIONER, practitioner_id))


def has_second_factor(work: Work, practitioner_id: str) -> bool:
    """Whether signing in asks this person for a code."""
    row = store.find_row(work.session, practitioner_id)
    return row is not None and row.secret is not None


def check_code(work: Work, *, practitioner_id: str, code: str) -> bool:
    """Use a code of the app or one of the paper; each is good for once."""
    row = store.find_row(work.session, practitioner_id)
    if row is None or row.secret is None:
        return False
    secret = work.vault.open(row.secret, purpose=_purpose(practitioner_id))
    step = find_step(secret, code, now=work.now, after=row.last_step)
    if step is not None:
        return store.save_step(work.session, practitioner_id, step)
    letters = plain_recovery_code(code)
    if letters is None:
        return False
    code_hash = _hash(work, practitioner_id, letters)
    if not store.use_code(work.session, practitioner_id, code_hash, at=work.now):
        return False
    left = store.count_codes(work.session, practitioner_id)
    work.journal(
        Entry(
            "second_factor.recovery_used",
            ObjectType.PRACTITIONER,
            practitioner_id,
            codes={"left": left},
        )
    )
    return True


def _make_codes(work: Work, rules: SecondFactorRules) -> list[str]:
    person = work.actor.person
    codes = [make_recovery_code() for _ in range(rules.recovery_codes)]
    hashes = [_hash(work, person, plain_recovery_code(code) or "") for code in codes]
    store.replace_codes(work.session, person, hashes)
    return codes


def _hash(work: Work, practitioner_id: str, letters: str) -> str:
    """Keyed, so that a stolen database alone tries no guesses (ASVS 5.0 6.5.2)."""
    return work.vault.blind(f"{practitioner_id} {letters}", purpose="recovery code")


def _purpose(practitioner_id: str) -> str:
    return f"second factor:{practitioner_id}"

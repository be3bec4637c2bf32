"""Codes from an app and from paper: each is good once, and secrets are never kept in the open."""

from concurrent.futures import wait
from datetime import datetime
from typing import Any

import pyotp
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from consult.kernel.errors import NotFoundError
from consult.kernel.work import SYSTEM, Actor, Role
from consult.people.practitioners.sign_in_rules import SecondFactorRules
from consult.people.second_factors import service as second_factors
from consult.people.second_factors.errors import (
    SecondFactorMissingError,
    SecondFactorRequiredError,
    SetupOverError,
    WrongCodeError,
)
from consult.people.second_factors.model import find_step, make_recovery_code, plain_recovery_code
from consult.people.sessions import factors
from tests.makers.clinic import MORNING, Clinic
from tests.makers.people import find, let_in, make_house, sign_in_rules

RULES = sign_in_rules().second_factor
STRICT = SecondFactorRules(frozenset({Role.EXPERT}), RULES.recovery_codes, RULES.setup)


def code_at(secret: str, at: datetime, *, steps: int = 0) -> str:
    return pyotp.TOTP(secret).generate_otp(int(at.timestamp()) // 30 + steps)


def set_up(clinic: Clinic, actor: Actor) -> tuple[str, list[str]]:
    """A phone whose first code was typed."""
    clinic.do(actor, second_factors.begin_setup)
    secret = clinic.do(actor, second_factors.find_pending, rules=RULES)
    assert secret is not None
    code = code_at(secret, clinic.now)
    return secret, clinic.do(actor, second_factors.finish_setup, code=code, rules=RULES)


def check(clinic: Clinic, actor: Actor, code: str) -> bool:
    return clinic.do(SYSTEM, second_factors.check_code, practitioner_id=actor.person, code=code)


def stored(clinic: Clinic, table: str) -> str:
    def unit(session: Session) -> list[Any]:
        return list(session.execute(text(f"SELECT * FROM {table}")))  # noqa: S608 - our own tables

    return repr([tuple(row) for row in clinic.units.read(unit).result(timeout=20)])


def test_a_code_is_good_once_and_one_step_either_way() -> None:
    secret = pyotp.random_base32()
    step = int(MORNING.timestamp()) // 30
    for drift in (-1, 0, 1):
        code = code_at(secret, MORNING, steps=drift)
        assert find_step(secret, code, now=MORNING, after=0) == step + drift
        assert find_step(secret, f"{code[:3]} {code[3:]}", now=MORNING, after=0) == step + drift
        assert find_step(secret, code, now=MORNING, after=step + drift) is None
    for wrong in (code_at(secret, MORNING, steps=-2), code_at(secret, MORNING, steps=2)):
        assert find_step(secret, wrong, now=MORNING, after=0) is None
    for nonsense in ("", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "12345６"):
        assert find_step(secret, nonsense, now=MORNING, after=0) is None


def test_the_codes_are_those_of_the_standard() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238 appendix B, the last six digits
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        at = datetime.fromtimestamp(seconds, MORNING.tzinfo)
        assert find_step(secret, code, now=at, after=0) == seconds // 30


def test_a_recovery_code_may_be_typed_as_it_was_read() -> None:
    code = make_recovery_code()
    assert plain_recovery_code(f" {code.upper()} ") == code.replace("-", "")
    for nonsense in ("", "abc", code + "x", "0" * 10, "123456"):
        assert plain_recovery_code(nonsense) is None


def test_it_counts_from_the_first_code_on(clinic: Clinic) -> None:
    expert = make_house(clinic, "a").expert
    clinic.do(expert, second_factors.begin_setup)
    assert not clinic.system(second_factors.has_second_factor, practitioner_id=expert.person)
    with pytest.raises(WrongCodeError):
        clinic.do(expert, second_factors.finish_setup, code="000000", rules=RULES)
    secret, _codes = set_up(clinic, expert)
    assert clinic.system(second_factors.has_second_factor, practitioner_id=expert.person)
    assert not check(clinic, expert, code_at(secret, clinic.now))  # it was used to set up
    later = clinic.later(seconds=30)
    assert check(later, expert, code_at(secret, later.now))
    assert not check(later, expert, code_at(secret, later.now))
    assert not check(later, expert, code_at(secret, clinic.now))  # nor an earlier one
    assert not check(later, make_house(clinic, "b").expert, code_at(secret, later.now))


def test_the_secret_is_shown_for_ten_minutes_only(clinic: Clinic) -> None:
    expert = make_house(clinic, "a").expert
    clinic.do(expert, second_factors.begin_setup)
    late = clinic.later(minutes=10, seconds=1)
    assert late.do(expert, second_factors.find_pending, rules=RULES) is None
    with pytest.raises(SetupOverError):
        late.do(expert, second_factors.finish_setup, code="123456", rules=RULES)


def test_the_old_phone_counts_until_the_new_one_has_proved(clinic: Clinic) -> None:
    expert = make_house(clinic, "a").expert
    old, _codes = set_up(clinic, expert)
    later = clinic.later(minutes=5)
    later.do(expert, second_factors.begin_setup)
    assert check(later, expert, code_at(old, later.now))
    new = later.do(expert, second_factors.find_pending, rules=RULES)
    assert new is not None
    much = later.later(minutes=2)
    code = code_at(new, much.now)
    much.do(expert, second_factors.finish_setup, code=code, rules=RULES)
    end = much.later(minutes=2)
    assert not check(end, expert, code_at(old, end.now))
    assert check(end, expert, code_at(new, end.now))


def test_a_code_on_paper_opens_once_and_is_written_down(clinic: Clinic) -> None:
    expert = make_house(clinic, "a").expert
    _secret, codes = set_up(clinic, expert)
    assert len(set(codes)) == RULES.recovery_codes
    assert check(clinic, expert, codes[0].upper())
    assert not check(clinic, expert, codes[0])
    assert clinic.do(expert, second_factors.get_second_factor).codes_left == len(codes) - 1
    [used] = [line for line in clinic.lines() if line.kind == "second_factor.recovery_used"]
    assert codes[0] not in repr(used)
    renewed = clinic.do(expert, second_factors.renew_codes, rules=RULES)
    assert not check(clinic, expert, codes[1])
    assert check(clinic, expert, renewed[1])


def test_of_many_uses_of_one_code_at_once_one_gets_through(clinic: Clinic) -> None:
    expert = make_house(clinic, "a").expert
    secret, codes = set_up(clinic, expert)
    later = clinic.later(seconds=30)
    for code in (code_at(secret, later.now), codes[0]):
        told = {"practitioner_id": expert.person, "code": code}
        running = [later.start(SYSTEM, second_factors.check_code, **told) for _ in range(20)]
        wait(running, timeout=20)
        assert sum(each.result() for each in running) == 1


def test_secrets_and_codes_lie_in_no_table_as_they_are(clinic: Clinic) -> None:
    expert = make_house(clinic, "a").expert
    secret, codes = set_up(clinic, expert)
    kept = "".join(stored(clinic, name) for name in ("second_factors", "recovery_codes"))
    kept += stored(clinic, "journal_entries") + stored(clinic, "journal_detail")
    for hidden in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert hidden not in kept
    assert "b'" in kept or "memory" in kept  # the sealed secret is there


def test_a_role_that_needs_it_keeps_it(clinic: Clinic) -> None:
    expert = make_house(clinic, "a").expert
    with pytest.raises(SecondFactorMissingError):
        clinic.do(expert, second_factors.remove_second_factor, rules=RULES)
    set_up(clinic, expert)
    with pytest.raises(SecondFactorRequiredError):
        clinic.do(expert, second_factors.remove_second_factor, rules=STRICT)
    clinic.do(expert, second_factors.remove_second_factor, rules=RULES)
    assert not clinic.do(expert, second_factors.get_second_factor).is_set_up


def test_an_administrator_resets_it_within_her_reach_and_sessions_end(clinic: Clinic) -> None:
    house, other = make_house(clinic, "a"), make_house(clinic, "b")
    set_up(clinic, house.expert)
    let_in(clinic, house.expert.person, token="t")
    reset = {"practitioner_id": house.expert.person}
    with pytest.raises(NotFoundError):
        clinic.do(other.administrator, factors.reset_second_factor, **reset)
    clinic.do(house.administrator, factors.reset_second_factor, **reset)
    assert find(clinic, "t") is None
    assert not clinic.system(second_factors.has_second_factor, **reset)
    assert "second_factor.reset" in clinic.kinds()


def test_a_new_app_ends_the_other_sessions(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    for token in ("here", "there"):
        let_in(clinic, house.expert.person, token=token)
    here = find(clinic, "here")
    assert here is not None
    clinic.do(here.actor, second_factors.begin_setup)
    secret = clinic.do(here.actor, second_factors.find_pending, rules=RULES)
    code = code_at(str(secret), clinic.now)
    clinic.do(here.actor, factors.finish_second_factor, code=code, rules=RULES)
    assert find(clinic, "there") is None
    found = find(clinic, "here")
    assert found is not None
    assert found.has_second_factor

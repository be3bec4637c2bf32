"""Sessions: how they begin, what ends them, and how wrong passwords are counted."""

from dataclasses import replace
from datetime import date, timedelta

import pyotp
import pytest

from consult.kernel.errors import NotFoundError
from consult.kernel.work import SYSTEM, Actor, Role
from consult.people.organisations import service as organisations
from consult.people.practitioners import affiliations
from consult.people.practitioners import service as practitioners
from consult.people.second_factors import service as second_factors
from consult.people.sessions import attempts, sweeps
from consult.people.sessions import service as sessions
from consult.people.sessions.errors import (
    AccountLockedError,
    AffiliationNotYoursError,
    NoAffiliationError,
    SignInRefusedError,
)
from consult.people.sessions.model import (
    SEEN_EVERY,
    Attempt,
    Caller,
)
from tests.makers.clinic import Clinic
from tests.makers.people import (
    CLIENT,
    add_institution,
    add_panel,
    add_person,
    add_place,
    find,
    let_in,
    make_house,
    sign_in_rules,
)

RULES = sign_in_rules().sessions


def try_in(clinic: Clinic, login: str, *, browser: str | None = None) -> Attempt:
    caller = Caller("10.0.0.7", browser)
    return clinic.system(
        attempts.begin_attempt, login=login, caller=caller, rules=sign_in_rules().attempts
    )


def test_a_session_says_who_acts_for_whom(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    panel = add_panel(clinic, house)
    let_in(clinic, house.expert.person, token="t")
    found = find(clinic, "t")
    assert found is not None
    assert found.actor.institution_id == house.lead_id
    assert found.actor.roles == {Role.EXPERT}
    assert found.actor.consortium_ids == {house.consortium_id}
    assert found.actor.panel_ids == {panel}
    assert (found.institution_code, found.zone, found.login) == (
        "alead",
        "Asia/Shanghai",
        "a.expert",
    )
    assert find(clinic, "another") is None


def test_only_the_hash_that_the_door_gives_is_kept(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    let_in(clinic, house.expert.person, token="f" * 64)
    opened = [line for line in clinic.lines() if line.kind == "session.opened"][-1]
    assert opened.practitioner_id == house.expert.person
    assert "f" * 64 not in repr(opened)


def open_with(clinic: Clinic, attempt: Attempt) -> None:
    assert attempt.practitioner_id is not None
    clinic.do(
        Actor(practitioner_id=attempt.practitioner_id, institution_id=None),
        sessions.open_session,
        attempt=attempt,
        affiliation_id=None,
        token_hash="t",
        client=CLIENT,
        rules=RULES,
    )


def test_a_sign_in_under_way_does_not_outlive_a_new_password(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    stale = try_in(clinic, "a.expert")
    told = {"practitioner_id": house.expert.person, "password_hash": "newer"}
    clinic.system(sessions.reset_password, **told)
    with pytest.raises(SignInRefusedError):
        open_with(clinic, stale)
    assert find(clinic, "t") is None
    open_with(clinic, try_in(clinic, "a.expert"))
    assert find(clinic, "t") is not None


def test_a_sign_in_under_way_does_not_pass_by_a_new_second_factor(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    stale = try_in(clinic, "a.expert")
    clinic.do(house.expert, second_factors.begin_setup)
    rules = sign_in_rules().second_factor
    secret = clinic.do(house.expert, second_factors.find_pending, rules=rules)
    assert secret is not None
    code = pyotp.TOTP(secret).generate_otp(int(clinic.now.timestamp()) // 30)
    clinic.do(house.expert, second_factors.finish_setup, code=code, rules=rules)
    with pytest.raises(SignInRefusedError):
        open_with(clinic, stale)
    assert find(clinic, "t") is None


def test_how_long_sessions_last_is_the_installations_rule(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    let_in(clinic, house.expert.person, token="t")
    later, strict = clinic.later(minutes=20), replace(RULES, idle=timedelta(minutes=15))
    for rules, is_open in ((RULES, True), (strict, False)):
        told = {"token_hash": "t", "rules": rules}
        found = later.system(sessions.find_signed_in, **told)
        standing = later.system(sweeps.list_standing, token_hashes=["t"], rules=rules)
        assert (found is not None, len(standing)) == (is_open, int(is_open))


def test_a_session_ends_by_idleness_and_at_the_latest_after_a_day_of_work(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    opened = let_in(clinic, house.expert.person, token="t")
    assert find(clinic.at(clinic.now + RULES.idle), "t") is None
    used = clinic
    while used.now < clinic.now + RULES.longest:
        assert find(used, "t") is not None
        used.do(SYSTEM, sessions.mark_seen, session_id=opened.session_id)
        used = used.later(minutes=59)
    assert find(used, "t") is None


def test_use_is_written_at_most_once_a_minute(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    opened = let_in(clinic, house.expert.person, token="t")
    for later, expected in ((SEEN_EVERY / 2, clinic.now), (SEEN_EVERY, clinic.now + SEEN_EVERY)):
        moment = clinic.at(clinic.now + later)
        moment.do(SYSTEM, sessions.mark_seen, session_id=opened.session_id)
        found = find(moment, "t")
        assert found is not None
        assert found.seen_at == expected


def test_signing_out_and_revoking_end_a_session_at_once(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    for token in ("here", "there", "elsewhere"):
        let_in(clinic, house.physician.person, token=token)
    here, there = find(clinic, "here"), find(clinic, "there")
    assert here is not None
    assert there is not None
    clinic.do(here.actor, sessions.revoke_session, session_id=there.actor.session_id)
    assert find(clinic, "there") is None
    assert find(clinic, "elsewhere") is not None
    assert clinic.do(here.actor, sessions.revoke_others) >= 1
    assert find(clinic, "elsewhere") is None
    [own] = clinic.do(here.actor, sessions.list_sessions, rules=RULES)
    assert own.is_own
    clinic.do(here.actor, sessions.end_session)
    assert find(clinic, "here") is None
    with pytest.raises(NotFoundError):
        clinic.do(here.actor, sessions.end_session)


def test_nobody_revokes_the_session_of_another_person(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    let_in(clinic, house.expert.person, token="t")
    found = find(clinic, "t")
    assert found is not None
    with pytest.raises(NotFoundError):
        clinic.do(house.administrator, sessions.revoke_session, session_id=found.actor.session_id)
    assert find(clinic, "t") is not None


def test_a_stopped_affiliation_or_institution_ends_its_sessions(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    person = house.physician.person
    let_in(clinic, person, token="t")
    [place] = clinic.system(affiliations.list_affiliations, practitioner_ids=[person])
    clinic.system(affiliations.stop_affiliation, affiliation_id=place.id, revision=1)
    assert find(clinic, "t") is None
    let_in(clinic, house.expert.person, token="u")
    clinic.system(organisations.stop_institution, institution_id=house.lead_id, revision=1)
    assert find(clinic, "u") is None
    with pytest.raises(NoAffiliationError):
        let_in(clinic, house.expert.person, token="v")


def test_an_affiliation_holds_until_midnight_of_its_last_day(clinic: Clinic) -> None:
    at = add_institution(clinic, "jzeye")
    person = add_person(clinic, "zhou", at, Role.EXPERT, until_on=date(2026, 1, 5))
    evening = clinic.later(hours=15, minutes=39)  # 23:59 in Shanghai
    let_in(evening, person, token="t")
    assert find(evening, "t") is not None
    assert find(evening.later(minutes=1), "t") is None
    with pytest.raises(NoAffiliationError):
        let_in(evening.later(minutes=1), person, token="u")


def test_a_changed_password_ends_all_sessions_but_the_one_that_changed_it(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    for token in ("here", "there"):
        let_in(clinic, house.expert.person, token=token)
    here = find(clinic, "here")
    assert here is not None
    clinic.do(here.actor, sessions.change_password, password_hash="new")
    assert find(clinic, "here") is not None
    assert find(clinic, "there") is None
    clinic.system(
        sessions.reset_password, practitioner_id=house.expert.person, password_hash="newer"
    )
    assert find(clinic, "here") is None
    assert let_in(clinic, house.expert.person, token="after").must_change_password
    kinds = [kind for kind in clinic.kinds() if kind.startswith("password.")]
    assert kinds == ["password.changed", "password.reset"]


def test_a_person_with_two_affiliations_acts_for_one_and_changes_by_a_new_token(
    clinic: Clinic,
) -> None:
    house = make_house(clinic, "a")
    person = house.expert.person
    second = add_place(clinic, person, house.centre_id, Role.REQUESTING_PHYSICIAN)
    first = let_in(clinic, person, token="t")
    assert first.must_choose
    found = find(clinic, "t")
    assert found is not None
    assert found.actor.institution_id == house.lead_id  # where she acted last
    clinic.do(
        found.actor,
        sessions.switch_affiliation,
        affiliation_id=second,
        token_hash="u",
        client=CLIENT,
        rules=RULES,
    )
    assert find(clinic, "t") is None
    now = find(clinic, "u")
    assert now is not None
    assert now.actor.institution_id == house.centre_id
    assert now.actor.roles == {Role.REQUESTING_PHYSICIAN}
    assert not let_in(clinic, person, token="v", affiliation_id=second).must_choose


def test_nobody_acts_under_the_affiliation_of_another(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    theirs = house.physician.affiliation_id
    with pytest.raises(AffiliationNotYoursError):
        let_in(clinic, house.expert.person, token="t", affiliation_id=theirs)
    assert find(clinic, "t") is None


def test_the_sixth_wrong_password_is_not_even_looked_at(clinic: Clinic) -> None:
    at = add_institution(clinic, "jzeye")
    person = add_person(clinic, "zhou", at, Role.EXPERT)
    for _ in range(5):
        try_in(clinic, "ZHOU")
    with pytest.raises(AccountLockedError) as locked:
        try_in(clinic, "zhou")
    assert locked.value.facts == {"minutes": 15}
    with pytest.raises(AccountLockedError):
        try_in(clinic.later(minutes=14, seconds=59), "zhou")
    try_in(clinic.later(minutes=15), "zhou")
    clinic.system(sessions.reset_password, practitioner_id=person, password_hash="x")
    try_in(clinic, "zhou")  # a reset lifts the lock


def test_a_name_that_nobody_has_locks_the_same(clinic: Clinic) -> None:
    for _ in range(5):
        try_in(clinic, "ghost")
    with pytest.raises(AccountLockedError):
        try_in(clinic, "ghost")


def test_a_hundred_guesses_at_once_are_five(clinic: Clinic) -> None:
    at = add_institution(clinic, "jzeye")
    add_person(clinic, "zhou", at, Role.EXPERT)
    running = [
        clinic.start(
            SYSTEM,
            attempts.begin_attempt,
            login="zhou",
            caller=Caller(f"10.0.{number}.1"),
            rules=sign_in_rules().attempts,
        )
        for number in range(100)
    ]
    failures = [each.exception(timeout=20) for each in running]
    assert sum(failure is None for failure in failures) == 5
    assert all(isinstance(f, AccountLockedError) for f in failures if f is not None)


def test_the_right_password_forgives_the_wrong_ones(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    for _ in range(4):
        try_in(clinic, "a.expert")
    let_in(clinic, house.expert.person, token="t")
    for _ in range(5):
        try_in(clinic, "a.expert")


def test_strangers_do_not_lock_a_person_out_of_the_browser_she_knows(clinic: Clinic) -> None:
    house = make_house(clinic, "a")
    for _ in range(5):
        try_in(clinic, "a.expert")
    with pytest.raises(AccountLockedError):
        try_in(clinic, "a.expert")
    for _ in range(5):
        try_in(clinic, "a.expert", browser="hers")
    with pytest.raises(AccountLockedError):
        try_in(clinic, "a.expert", browser="hers")  # there too five are enough
    try_in(clinic, "a.expert", browser="another of hers")
    reset = {"practitioner_id": house.expert.person, "password_hash": "x"}
    clinic.system(sessions.reset_password, **reset)
    try_in(clinic, "a.expert", browser="hers")


def test_a_try_that_was_right_so_far_is_taken_back_and_forgives_nothing(clinic: Clinic) -> None:
    for _ in range(4):
        try_in(clinic, "ghost")
    clinic.system(attempts.withdraw_attempt, attempt=try_in(clinic, "ghost"))
    try_in(clinic, "ghost")
    with pytest.raises(AccountLockedError):
        try_in(clinic, "ghost")


def test_a_refusal_is_written_without_what_was_typed(clinic: Clinic) -> None:
    attempt = try_in(clinic, "my-password-typed-as-name")
    clinic.system(attempts.refuse_attempt, attempt=attempt)
    [line] = [line for line in clinic.lines() if line.kind == "session.refused"]
    assert "my-password" not in repr(line)
    assert len(line.object_id) == 64


def test_the_sweep_forgets_what_no_longer_counts(clinic: Clinic) -> None:
    for _ in range(5):
        try_in(clinic, "ghost")
    clinic.later(minutes=10).system(sweeps.sweep_sessions)
    with pytest.raises(AccountLockedError):
        try_in(clinic.later(minutes=10), "ghost")
    clinic.later(hours=2).system(sweeps.sweep_sessions)
    try_in(clinic.later(hours=2), "ghost")


def test_an_unknown_person_has_no_password(clinic: Clinic) -> None:
    with pytest.raises(NotFoundError):
        clinic.system(practitioners.password_hash_of, practitioner_id="0" * 32)

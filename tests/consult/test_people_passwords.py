"""What a password must be, and that config/sign_in.toml says it."""

import pytest

from consult.kernel.errors import RefusedError
from consult.kernel.rules import MalformedRulesError
from consult.people.practitioners.passwords import check_password
from consult.people.practitioners.sign_in_rules import parse_sign_in_rules
from server.auth.passwords import hash_password, make_one_time_password, verify_password
from tests.makers.people import sign_in_rules
from tests.makers.rulebooks import broken, read_config


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password-too-short"),
        ("九个字的密码不够长", "password-too-short"),
        ("x" * 201, "field-too-long"),
        ("zhouhuaijin", "password-is-login"),
        ("2026ZhouHuaiJin!", "password-is-login"),
        ("Password123", "password-common"),
        ("１２３４５６７８９０", "password-common"),
        ("aaaaaaaaaaaaaaaa", "password-common"),
    ],
)
def test_a_weak_password_is_refused_at_its_field(password: str, code: str) -> None:
    with pytest.raises(RefusedError) as refused:
        check_password(password, login="zhouhuaijin", rules=sign_in_rules(), field="new_password")
    assert [(p.field, p.code) for p in refused.value.problems] == [("new_password", code)]


@pytest.mark.parametrize(
    "password",
    ["十个字的密码就已经够了", "correct horse", "  blanks count  ", "zhouhuaijin-and-ten-more"],
)
def test_any_long_uncommon_password_will_do(password: str) -> None:
    assert check_password(password, login="zhouhuaijin", rules=sign_in_rules(), field="p")


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("password.shortest", 4),
        ("password.shortest", "ten"),
        ("attempts.account_failures", 0),
        ("attempts.lock_minutes", None),
        ("password.common", "password"),
        ("surprise", 1),
    ],
)
def test_rules_that_make_no_sense_name_their_key(place: str, value: object) -> None:
    with pytest.raises(MalformedRulesError) as refused:
        parse_sign_in_rules(broken(read_config("sign_in.toml"), place, value))
    assert refused.value.key == place


def test_a_hash_is_argon2id_and_knows_its_password_however_it_was_typed() -> None:
    kept = hash_password("ｆｕｌｌ width 密码")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert verify_password(kept, "full width 密码")
    assert not verify_password(kept, "full width 密碼")
    assert not verify_password(None, "anything")
    assert not verify_password("not a hash", "anything")


def test_one_time_passwords_differ_and_pass_the_rules() -> None:
    made = {make_one_time_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        check_password(password, login="zhou", rules=sign_in_rules(), field="p")

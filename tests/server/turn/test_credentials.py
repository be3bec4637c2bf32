"""Names for the relay: bounded in time, of nobody, and such as coturn takes."""

import base64
import hashlib
import hmac
from pathlib import Path

import pytest

from server.settings import SettingsRefusedError, load_settings
from server.turn.address import TurnAddress, Way, read_address
from server.turn.credentials import make_credential
from server.turn.handing import TurnSecretUnreadableError, load_relay

PERSON = "0192f0c1-0000-7000-8000-000000000001"


def test_a_name_says_when_it_ends_and_not_whose_it_is() -> None:
    made = make_credential(b"secret", PERSON, expires_s=1_800_000_000)
    ends, _, blind = made.username.partition(":")
    assert (ends, len(blind)) == ("1800000000", 24)
    assert PERSON not in made.username
    proof = hmac.new(b"secret", made.username.encode(), hashlib.sha1).digest()
    assert base64.b64decode(made.password) == proof
    assert made.password not in repr(made)


def test_a_person_has_one_name_and_another_person_another() -> None:
    names = {
        make_credential(b"secret", person, expires_s=ends_s).username.split(":")[1]
        for person, ends_s in ((PERSON, 1), (PERSON, 2), (PERSON[:-1] + "2", 1))
    }
    assert len(names) == 2


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("turn:turn.example", TurnAddress("turn.example", 3478, Way.UDP)),
        ("turn:10.1.2.3:99?transport=tcp", TurnAddress("10.1.2.3", 99, Way.TCP)),
        ("turns:turn.example:443?transport=tcp", TurnAddress("turn.example", 443, Way.TLS)),
        ("turns:[2001:db8::1]", TurnAddress("2001:db8::1", 5349, Way.TLS)),
    ],
)
def test_addresses_are_read_as_browsers_read_them(url: str, address: TurnAddress) -> None:
    assert read_address(url) == address


@pytest.mark.parametrize(
    "url",
    [
        *("stun:turn.example", "turn.example:3478", "turn:", "turn:a:0", "turn:a:70000"),
        *("turns:a?transport=udp", "turn:a?transport=sctp", "turn:user@a", "turn:a b", "turn:-a"),
    ],
)
def test_what_is_no_address_is_refused_before_anything_starts(url: str, tmp_path: Path) -> None:
    told = {"turn_urls": url, "turn_secret_file": str(tmp_path / "secret")}
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings(told)
    assert refused.value.problems[0].code == "turn-url-malformed"


@pytest.mark.parametrize("half", [{"turn_urls": "turn:a"}, {"turn_secret_file": "/secret"}])
def test_addresses_and_secret_are_set_together(half: dict[str, str]) -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings(half)
    assert {each.code for each in refused.value.problems} == {"turn-half"}


def test_a_child_process_is_told_the_same_addresses() -> None:
    told = {"turn_urls": "turn:a, turns:b:443", "turn_secret_file": "/secret"}
    environment = load_settings(told).as_environment()
    assert environment["LIANZHEN_TURN_URLS"] == "turn:a,turns:b:443"


def test_a_secret_that_was_changed_counts_at_once_and_none_lets_nobody_in(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    settings = load_settings({"turn_urls": "turn:a", "turn_secret_file": str(file)})
    for absent in (None, b" \n"):
        if absent is not None:
            file.write_bytes(absent)
        with pytest.raises(TurnSecretUnreadableError):
            load_relay(settings, PERSON)
    passwords = set()
    for secret in (b"one\n", b"another\n"):
        file.write_bytes(secret)
        relay = load_relay(settings, PERSON)
        assert relay is not None
        made = make_credential(secret.strip(), PERSON, expires_s=relay.credential.expires_s)
        assert relay.credential == made
        passwords.add(made.password)
    assert len(passwords) == 2
    assert load_relay(load_settings({}), PERSON) is None

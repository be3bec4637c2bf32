"""The settings of video: what cannot be used is named before anything starts."""

import socket
from pathlib import Path

import pytest

from server.settings import SettingsRefusedError, load_settings
from server.supervisor.children import make_specs


@pytest.mark.parametrize(
    ("setting", "value", "code"),
    [
        ("media_address", "", "media-address-missing"),
        ("media_address", "localhost", "media-address-malformed"),
        ("media_address", "0.0.0.0", "media-address-malformed"),  # noqa: S104 - refused here
        ("media_ports", "42000-42003", "media-ports-malformed"),
        ("media_ports", "80-8000", "media-ports-malformed"),
        ("media_ports", "many", "string_pattern_mismatch"),
        ("media_rooms", "0", "greater_than_equal"),
        ("media_path", "c2", "literal_error"),
        ("media_public_address", "gateway", "media-address-malformed"),
    ],
)
def test_what_cannot_be_used_is_refused(setting: str, value: str, code: str) -> None:
    with pytest.raises(SettingsRefusedError) as refused:
        load_settings({setting: value})
    assert [(each.setting, each.code) for each in refused.value.problems] == [(setting, code)]


def test_a_public_address_stands_for_one_address() -> None:
    addresses = {"media_address": "10.0.0.1, 10.0.1.1", "media_public_address": "192.0.2.1"}
    with pytest.raises(SettingsRefusedError):
        load_settings(addresses)
    one = load_settings({**addresses, "media_address": "10.0.0.1"})
    assert one.media_address == ("10.0.0.1",)
    assert one.media_public_address == "192.0.2.1"


def test_the_process_runs_where_it_is_wanted_and_is_told_no_key(tmp_path: Path) -> None:
    told = {"data_dir": str(tmp_path), "media_address": "10.0.0.1,10.0.1.1"}
    off = load_settings({**told, "media": False})
    assert "media" not in {spec.name for spec in make_specs(off, locks=())}
    specs = {spec.name: spec for spec in make_specs(load_settings(told), locks=())}
    environment = specs["media"].environment or {}
    assert environment["LIANZHEN_MEDIA_ADDRESS"] == "10.0.0.1,10.0.1.1"
    own = {name for name in environment if name.startswith("LIANZHEN_")}
    assert not {name for name in own if "KEY" in name or "URL" in name}
    alone = load_settings({**told, "role": "media"})
    assert [spec.name for spec in make_specs(alone, locks=())] == ["media"]


def test_video_listens_where_the_pages_do_unless_an_address_is_set() -> None:
    assert load_settings({}).media_addresses == ("127.0.0.1",)
    assert load_settings({"host": "localhost"}).media_addresses == ("127.0.0.1",)
    assert load_settings({"host": "10.0.0.5"}).media_addresses == ("10.0.0.5",)
    named = {"host": "10.0.0.5", "media_address": "10.0.1.1"}
    assert load_settings(named).media_addresses == ("10.0.1.1",)


@pytest.mark.allow_hosts(["127.0.0.1", "192.0.2.1"])  # asked by which address it would leave
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "lianzhen.hospital.local"])  # noqa: S104 - read here
def test_pages_for_everybody_have_video_at_an_address_of_this_machine(host: str) -> None:
    (found,) = load_settings({"host": host}).media_addresses
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((found, 0))
    behind = load_settings({"host": "127.0.0.1", "trusted_proxy": "127.0.0.1"})
    assert behind.media_addresses == (found,)


def test_both_processes_are_told_the_address_that_was_found(tmp_path: Path) -> None:
    settings = load_settings({"data_dir": str(tmp_path), "host": "10.0.0.5"})
    told = {spec.name: spec.environment or {} for spec in make_specs(settings, locks=())}
    for name in ("web", "media"):
        assert told[name]["LIANZHEN_MEDIA_ADDRESS"] == "10.0.0.5"
    assert "LIANZHEN_HOST" not in told["media"]

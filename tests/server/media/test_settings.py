"""The settings of video: what cannot be used is named before anything starts."""

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
    off = load_settings(told)
    assert "media" not in {spec.name for spec in make_specs(off, locks=())}
    specs = {
        spec.name: spec for spec in make_specs(load_settings({**told, "media": True}), locks=())
    }
    environment = specs["media"].environment or {}
    assert environment["LIANZHEN_MEDIA_ADDRESS"] == "10.0.0.1,10.0.1.1"
    own = {name for name in environment if name.startswith("LIANZHEN_")}
    assert not {name for name in own if "KEY" in name or "URL" in name}
    alone = load_settings({**told, "role": "media"})
    assert [spec.name for spec in make_specs(alone, locks=())] == ["media"]

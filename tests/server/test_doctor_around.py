"""What `lianzhen doctor` sees around the house: a certificate's end, Redis, the store of images."""

from datetime import timedelta
from pathlib import Path

import pytest

from server.cli.doctor_around import examine_around
from server.settings import load_settings
from server.transactions import utc_now
from tests.makers.certificates import make_authority
from tests.makers.databases import free_port
from tests.makers.redis import RedisHouse
from tests.makers.s3 import S3House

pytestmark = pytest.mark.server
_HOLDS_DAYS = 824  # of 825 one lies before the making, for clocks that are wrong


def seen(folder: Path, **settings: str) -> list[tuple[bool, str, str]]:
    found = examine_around(load_settings({"data_dir": folder, "media": "false", **settings}))
    return [(each.is_well, each.message, each.names) for each in found]


def test_what_is_not_set_is_not_missed(tmp_path: Path) -> None:
    assert seen(tmp_path) == []


@pytest.mark.parametrize(("days_left", "is_well"), [(31, True), (29, False)])
def test_a_certificate_that_ends_within_thirty_days_is_told(
    tmp_path: Path, *, days_left: int, is_well: bool
) -> None:
    made_at = utc_now() - timedelta(days=_HOLDS_DAYS - days_left)
    pair = make_authority(tmp_path / "tls", now=made_at).pair
    files = {"tls_cert": str(pair.certificate_file), "tls_key": str(pair.key_file)}
    [(well, message, day)] = seen(tmp_path, **files)
    assert (well, day) == (is_well, (utc_now() + timedelta(days=days_left)).date().isoformat())
    assert message.startswith("The certificate " + ("holds until" if is_well else "ends on"))


def test_a_certificate_that_cannot_be_served_is_told_with_its_reason(tmp_path: Path) -> None:
    long_ago = utc_now() - timedelta(days=_HOLDS_DAYS + 1)
    pair = make_authority(tmp_path / "tls", now=long_ago).pair
    other = make_authority(tmp_path / "other").pair
    for key, reason in (
        (pair.key_file, "The certificate has expired."),
        (other.key_file, "The key does not belong to the certificate."),
        (tmp_path / "gone", "The key of the certificate cannot be read: a PEM file without a "),
    ):
        files = {"tls_cert": str(pair.certificate_file), "tls_key": str(key)}
        [(is_well, message, _day)] = seen(tmp_path, **files)
        assert (is_well, message.startswith(reason)) == (False, True), message


def test_a_certificate_of_our_own_is_made_at_the_first_start_and_then_looked_at(
    tmp_path: Path,
) -> None:
    [(is_well, message, _)] = seen(tmp_path, tls="self-signed")
    assert (is_well, message) == (True, "The first start makes a certificate.")
    make_authority(tmp_path / "keys" / "tls")
    [(is_well, message, _)] = seen(tmp_path, tls="self-signed")
    assert (is_well, message) == (True, "The certificate holds until {names}.")


def test_redis_is_asked(tmp_path: Path, redis: RedisHouse) -> None:
    assert seen(tmp_path, redis_url=redis.url) == [(True, "Redis answers.", "")]
    redis.kill()
    nobody = f"redis://127.0.0.1:{free_port()}"
    for url in (redis.url, nobody):
        [(is_well, message, _)] = seen(tmp_path, redis_url=url)
        assert (is_well, message.startswith("Redis does not answer")) == (False, True)


def test_the_bucket_is_asked(tmp_path: Path, s3: S3House) -> None:
    settings = s3.settings(s3.make_place())
    assert seen(tmp_path, **settings) == [(True, "The store of images lets us in.", "")]
    nobody = {"blob_endpoint": f"http://127.0.0.1:{free_port()}"}
    for changed in ({"blob_url": "s3://nobodys-bucket"}, nobody):
        [(is_well, message, _)] = seen(tmp_path, **{**settings, **changed})
        assert (is_well, message.startswith("The store of images cannot")) == (False, True)


def test_video_is_looked_at_where_it_is_on(tmp_path: Path) -> None:
    port = free_port() % 20_000 + 20_000
    ports = f"{port}-{port + 99}"
    [(is_well, message, names)] = seen(tmp_path, media="true", media_ports=ports)
    assert (is_well, message) == (
        True,
        "Video uses {names}: clinics must be let through to it, or to a relay.",
    )
    assert names == f"127.0.0.1, UDP {ports}"


def test_an_address_that_is_not_ours_is_told(tmp_path: Path) -> None:
    [(is_well, message, names)] = seen(tmp_path, media="true", media_address="192.0.2.7")
    assert not is_well
    assert message.startswith("Video cannot use {names}")
    assert "192.0.2.7" in names

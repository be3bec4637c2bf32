"""The authority of an installation: bound to its names, renewed without a new installation."""

import datetime as dt
import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import NameOID

from server.tls.authority import Authority, issue, keep_ready
from server.tls.fingerprint import spaced
from server.tls.names import own_names, parse_names
from server.tls.pair import TlsRefusedError
from tests.makers.certificates import make_authority
from tests.makers.house import ROOT

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)


def lianzhen(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "server", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )


def served(authority: Authority) -> x509.Certificate:
    return x509.load_pem_x509_certificates(authority.pair.certificate_file.read_bytes())[0]


def root_of(authority: Authority) -> x509.Certificate:
    root = authority.certificate()
    assert root is not None
    return root


@pytest.mark.server
def test_the_command_makes_an_authority_and_renews_its_certificate(tmp_path: Path) -> None:
    folder = ("--data-dir", str(tmp_path))
    made = lianzhen("cert", "lianzhen.test", "10.0.0.5", *folder)
    assert made.returncode == 0, made.stderr
    authority = Authority(tmp_path / "keys" / "tls")
    root, first = root_of(authority), served(authority)
    assert spaced(root.fingerprint(hashes.SHA256())) in made.stdout
    assert "lianzhen.test, 10.0.0.5, localhost" in made.stdout
    again = lianzhen("cert", "lianzhen.test", *folder)
    assert (again.returncode, root_of(authority)) == (78, root)
    assert "lianzhen cert renew" in again.stderr
    renewed = lianzhen("cert", "renew", *folder)
    assert renewed.returncode == 0, renewed.stderr
    assert root_of(authority) == root
    assert served(authority).serial_number != first.serial_number
    assert "lianzhen.test, 10.0.0.5, localhost" in renewed.stdout
    strange = lianzhen("cert", "renew", "elsewhere.test", *folder)
    assert strange.returncode == 78
    assert "may not speak for these names" in strange.stderr
    assert lianzhen("cert", "not a host", *folder).returncode == 78
    modes = {path.stat().st_mode & 0o777 for path in authority.folder.iterdir()}
    assert modes == {0o600}


@pytest.mark.parametrize("host", ["lianzhen.test", "10.9.8.7", "localhost"])
def test_a_browser_that_trusts_the_authority_believes_the_server(tmp_path: Path, host: str) -> None:
    authority = make_authority(tmp_path)
    root, certificate = root_of(authority), served(authority)
    constraints = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert constraints.critical
    permitted = constraints.value.permitted_subtrees or []
    wanted = [x509.DNSName("lianzhen.test"), x509.IPAddress(ip_network("10.9.8.7"))]
    assert [each for each in wanted if each not in permitted] == []
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert host in {str(each.value) for each in names}
    assert (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days == 825
    assert isinstance(root.public_key(), ec.EllipticCurvePublicKey)


@pytest.mark.parametrize(("host", "is_believed"), [("lianzhen.test", True), ("bank.test", False)])
def test_a_stolen_authority_speaks_for_no_other_site(
    tmp_path: Path, host: str, *, is_believed: bool
) -> None:
    authority = make_authority(tmp_path)
    key = ec.generate_private_key(ec.SECP256R1())
    pem = authority.key_file.read_bytes()
    stolen = x509.load_pem_x509_certificate(authority.certificate_file.read_bytes())
    forged = forge(pem, stolen, key.public_key(), host=host)
    chain, leaf = tmp_path / "root.pem", tmp_path / "leaf.pem"
    chain.write_bytes(authority.certificate_file.read_bytes())
    leaf.write_bytes(forged)
    told = subprocess.run(
        ["openssl", "verify", "-CAfile", str(chain), "-verify_hostname", host, str(leaf)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode == 0) is is_believed, told.stderr


def forge(
    key_pem: bytes, root: x509.Certificate, public_key: ec.EllipticCurvePublicKey, *, host: str
) -> bytes:
    """A certificate for any site, signed with the authority's key past our own code."""
    key = load_pem_private_key(key_pem, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder()
        .issuer_name(root.subject)
        .subject_name(name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def test_a_certificate_that_ends_soon_is_renewed_at_the_next_start(tmp_path: Path) -> None:
    authority = make_authority(tmp_path, now=NOW - 800 * DAY)
    first = served(authority)
    keep_ready(authority, own_names(), now=NOW - 100 * DAY)
    assert served(authority) == first  # negative control
    keep_ready(authority, own_names(), now=NOW)
    assert served(authority).not_valid_after_utc > NOW + 800 * DAY
    assert names_in(served(authority)) == names_in(first)


def names_in(certificate: x509.Certificate) -> list[x509.GeneralName]:
    return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


@pytest.mark.parametrize("name", ["", "*.test", "a b", "-a", "a" * 64, "1.2.3.4/8", "a..b"])
def test_what_is_no_name_gets_no_certificate(name: str) -> None:
    with pytest.raises(TlsRefusedError):
        parse_names([name])


def test_without_an_authority_nothing_is_issued(tmp_path: Path) -> None:
    with pytest.raises(TlsRefusedError) as refused:
        issue(Authority(tmp_path), parse_names(["a.test"]), now=NOW)
    assert refused.value.code == "authority-missing"

"""Seals on a PDF: the server's own that says so, and the one that a hospital brings."""

import asyncio
import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

import pytest
import weasyprint
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from consult.kernel.work import Role
from consult.reports.seal import load_seal
from server.__main__ import run
from server.cli import doctor
from server.pdf.demo_seal import demo_seal
from server.pdf.seals import (
    CertificateSeal,
    SealFault,
    SealFileError,
    SealKind,
    hospital_seal,
)
from server.settings import load_settings
from tests.makers.certificates import certificate_of_hospital
from tests.makers.world_house import open_world
from tests.makers.world_people import Side

NOW = dt.datetime.now(dt.UTC)
PASSWORD = b"crane-window"


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """A document as it comes out of the jail."""
    made: bytes = weasyprint.HTML(string="<p>report").write_pdf()
    return made


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hospital's PKCS#12 with an RSA key, as a certificate authority hands it out."""
    return hand_out(tmp_path_factory.mktemp("hospital"), days=90)


def hand_out(folder: Path, *, days: int) -> Path:
    """A certificate of the hospital's that ends in so many days."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = certificate_of_hospital(key, now=NOW, days=days)
    protection = serialization.BestAvailableEncryption(PASSWORD)
    packed = pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, protection)
    (folder / "seal.p12").write_bytes(packed)
    (folder / "password").write_bytes(PASSWORD + b"\n")
    return folder


def holds(seal: CertificateSeal, signed: bytes) -> bool:
    """Whether a reader who trusts this certificate finds the whole file untouched."""
    der = seal.certificate.public_bytes(serialization.Encoding.DER)
    context = ValidationContext(trust_roots=[asn1_x509.Certificate.load(der)], allow_fetching=False)
    signature = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0]
    return bool(validate_pdf_signature(signature, context).bottom_line)


def test_the_servers_own_seal_holds_and_names_itself_a_demonstration(
    tmp_path: Path, pdf: bytes
) -> None:
    seal = demo_seal(load_seal(tmp_path), tmp_path, now=NOW)
    again = demo_seal(load_seal(tmp_path), tmp_path, now=NOW)

    assert (seal.kind, seal.fingerprint) == (SealKind.DEMO, again.fingerprint)
    assert "演示" in seal.subject
    assert "demonstration" in seal.subject
    signed = seal.sign(pdf)
    assert signed.startswith(pdf)
    assert holds(seal, signed)
    other = tmp_path / "other"
    assert not holds(demo_seal(load_seal(other), other, now=NOW), signed)


def test_one_changed_byte_of_what_was_set_breaks_the_seal(tmp_path: Path, pdf: bytes) -> None:
    seal = demo_seal(load_seal(tmp_path), tmp_path, now=NOW)
    signed = seal.sign(pdf)
    place = pdf.index(b"stream") + 20
    torn = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
    assert not holds(seal, torn)


def test_a_hospitals_own_seal_is_used_as_it_was_brought(brought: Path, pdf: bytes) -> None:
    seal = hospital_seal(brought / "seal.p12", brought / "password")

    assert (seal.kind, seal.subject) == (SealKind.HOSPITAL, "江州市眼科医院")
    assert holds(seal, seal.sign(pdf))


def test_a_seal_that_cannot_be_opened_stops_the_start(brought: Path, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("x")
    for file, password in (
        (brought / "seal.p12", tmp_path / "wrong"),
        (brought / "seal.p12", None),
        (brought / "nothing.p12", brought / "password"),
        (brought / "password", None),
    ):
        with pytest.raises(SealFileError):
            hospital_seal(file, password)


def test_processes_that_begin_at_once_share_one_certificate(tmp_path: Path) -> None:
    key = load_seal(tmp_path)
    with ThreadPoolExecutor(8) as starting:
        made = starting.map(lambda _: demo_seal(key, tmp_path, now=NOW).fingerprint, range(8))
        assert len(set(made)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["seal.crt", "seal.pem"]


def test_a_seal_that_is_not_valid_says_so(brought: Path) -> None:
    seal = hospital_seal(brought / "seal.p12", brought / "password")
    assert seal.fault_at(NOW) is None
    assert seal.fault_at(NOW + dt.timedelta(days=89)) is None
    assert seal.fault_at(NOW + dt.timedelta(days=91)) is SealFault.EXPIRED
    assert seal.fault_at(NOW - dt.timedelta(days=401)) is SealFault.NOT_YET_VALID


@pytest.mark.parametrize(
    ("days", "message"),
    [
        (90, "The hospital's seal is valid: {names}"),
        (20, "The hospital's seal soon ends: {names}"),
        (-1, "The hospital's seal is not valid today, so no PDF is issued: {names}"),
    ],
)
def test_the_doctor_looks_at_the_seal_that_was_brought(
    tmp_path: Path, days: int, message: str
) -> None:
    folder = hand_out(tmp_path, days=days)
    settings = load_settings(
        {
            "data_dir": tmp_path,
            "seal_file": str(folder / "seal.p12"),
            "seal_password_file": str(folder / "password"),
        }
    )
    found = [each for each in islice(doctor.examine(settings), 9) if "seal" in each.message]
    assert (found[-1].message, found[-1].is_well) == (message, days > 30)
    assert found[-1].names.startswith("江州市眼科医院, ")


@pytest.mark.server
@pytest.mark.timeout(180)
async def test_an_expired_seal_is_named_and_seals_nothing(tmp_path: Path) -> None:
    folder = hand_out(tmp_path, days=-1)
    files = {
        "seal_file": str(folder / "seal.p12"),
        "seal_password_file": str(folder / "password"),
    }
    with open_world(tmp_path / "house", **files) as house:
        report = house.world.things["report"]
        physician = house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
        async with house.visitor(physician) as visitor:
            for _ in range(300):
                status, answer = await visitor.get(f"/reports/{report}/paper.pdf")
                if answer["code"] != "paper-being-made":
                    break
                await asyncio.sleep(0.2)
            _, ready = await visitor.get("/readyz")
        assert (status, answer["code"]) == (409, "paper-seal-expired")
        assert answer["detail"].startswith("无法出具 PDF：江州市眼科医院的签章已过有效期。")
        assert "seal-expired" in ready["warnings"]
        assert "no report can be sealed" in house.house.log()
        out = str(tmp_path / "out")
        told = [f"--{name.replace('_', '-')}={value}" for name, value in files.items()]
        data = str(house.house.data_dir)
        publish = ["publish", "--out", out, "--data-dir", data, *told]
        assert await asyncio.to_thread(run, publish) == 0

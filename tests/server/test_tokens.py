"""A hospital's seal in a token behind PKCS#11: SoftHSM stands for the card."""

import asyncio
import json
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import Any

import pkcs11
import pytest
import weasyprint
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from pkcs11 import Attribute, ObjectClass
from pkcs11.util.ec import decode_ec_private_key
from pkcs11.util.rsa import decode_rsa_private_key
from pyhanko.sign.signers import Signer

from consult.kernel.work import Role
from server.cli import doctor
from server.pdf.pins import MARK, PinFile
from server.pdf.refusals import SEAL_REFUSALS
from server.pdf.sealing import Sealer
from server.pdf.seals import CertificateSeal, SealAwayError, SealKey, SealKind
from server.pdf.tokens import token_seal
from server.settings import SettingsRefusedError, load_settings
from server.settings.sealing import TokenPlace
from tests.makers.certificates import certificate_of_hospital
from tests.makers.visitor import Visitor
from tests.makers.world_house import open_world
from tests.makers.world_people import Side
from tests.server.test_seals import NOW, holds

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN, OTHER_PIN = "246810", "135791"
Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Card:
    """A token in a folder, which can be pulled and put back."""

    folder: Path
    place: TokenPlace

    @property
    def tokens(self) -> Path:
        """What SoftHSM keeps of the token."""
        return self.folder / "tokens"

    def pull(self) -> None:
        """The token is not there any more."""
        self.tokens.rename(self.folder / "pulled")
        self.tokens.mkdir()

    def put_back(self) -> None:
        """It is there again."""
        self.tokens.rmdir()
        (self.folder / "pulled").rename(self.tokens)

    def flags(self) -> dict[str, str]:
        """The settings that name it."""
        return {
            "seal_token_module": str(self.place.module),
            "seal_token_label": self.place.label,
            "seal_token_key": self.place.key,
            "seal_pin_file": str(self.place.pin_file),
        }


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Card]:
    """A token with three keys: an RSA key, a P-256 key, and one beside a stranger's certificate."""
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    conf = folder / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
    pin = folder / "pin"
    pin.write_text(f"{PIN}\n")
    pin.chmod(0o600)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(conf))
        command = ["softhsm2-util", "--init-token", "--free", "--label", "seal"]
        command += ["--so-pin", "87654321", "--pin", PIN]
        subprocess.run(command, check=True, capture_output=True)
        module = pkcs11.lib(str(MODULE))
        module.reinitialize()
        with module.get_token(token_label="seal").open(user_pin=PIN, rw=True) as session:
            first = rsa.generate_private_key(public_exponent=65537, key_size=2048)
            second = ec.generate_private_key(ec.SECP256R1())
            _put(session, "rsa", first, certificate_of(first))
            _put(session, "ec", second, certificate_of(second))
            _put(
                session, "strange", ec.generate_private_key(ec.SECP256R1()), certificate_of(second)
            )
        yield Card(folder, TokenPlace(MODULE, "seal", "rsa", pin, None))


def certificate_of(key: Key) -> x509.Certificate:
    """The hospital's certificate of a key."""
    return certificate_of_hospital(key, now=NOW, days=90)


def _put(session: pkcs11.Session, label: str, key: Key, certificate: x509.Certificate) -> None:
    """As the hospital's own tool puts key and certificate into the token."""
    if isinstance(key, rsa.RSAPrivateKey):
        der = _der(key, serialization.PrivateFormat.TraditionalOpenSSL)
        told = decode_rsa_private_key(der)
    else:
        told = decode_ec_private_key(_der(key, serialization.PrivateFormat.TraditionalOpenSSL))
    common = {Attribute.LABEL: label, Attribute.TOKEN: True}
    session.create_object({**told, **common, Attribute.SIGN: True})
    session.create_object(
        {
            **common,
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
            Attribute.SUBJECT: certificate.subject.public_bytes(),
            Attribute.VALUE: certificate.public_bytes(serialization.Encoding.DER),
        }
    )


def _der(key: Key, form: serialization.PrivateFormat) -> bytes:
    return key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())


def seal_of(card: Card, **change: Any) -> CertificateSeal:
    """The seal in the token."""
    return token_seal(replace(card.place, **change), run_dir=card.folder / "run")


@pytest.fixture(scope="module")
def pdf() -> bytes:
    """A document as it comes out of the jail."""
    made: bytes = weasyprint.HTML(string="<p>report").write_pdf()
    return made


@pytest.mark.parametrize("key", ["rsa", "ec"])
def test_a_pdf_that_a_token_sealed_holds_for_every_reader(card: Card, pdf: bytes, key: str) -> None:
    seal = seal_of(card, key=key)
    assert (seal.kind, seal.subject) == (SealKind.HOSPITAL, "江州市眼科医院")
    signed = seal.sign(pdf)
    assert signed.startswith(pdf)
    assert holds(seal, signed)
    assert holds(seal, seal.sign(pdf)), "and once more, in a session of its own"
    place = pdf.index(b"stream") + 20
    torn = signed[:place] + bytes([signed[place] ^ 1]) + signed[place + 1 :]
    assert not holds(seal, torn)


def test_the_certificate_may_lie_in_a_file(card: Card, pdf: bytes, tmp_path: Path) -> None:
    inside = seal_of(card)
    file = tmp_path / "seal.pem"
    file.write_bytes(inside.certificate.public_bytes(serialization.Encoding.PEM))
    seal = seal_of(card, certificate=file)
    assert seal.fingerprint == inside.fingerprint
    assert holds(seal, seal.sign(pdf))


def refusal(place: TokenPlace, run_dir: Path) -> str:
    """Why this token is not used; each has its sentence."""
    with pytest.raises(SealAwayError) as refused:
        token_seal(place, run_dir=run_dir)
    assert refused.value.code in SEAL_REFUSALS
    return refused.value.code


def test_what_does_not_fit_is_refused_by_its_name(card: Card, tmp_path: Path) -> None:
    def told(**change: Any) -> str:
        return refusal(replace(card.place, **change), tmp_path)

    assert told(label="another") == "seal-token-away"
    assert told(key="nothing") == "seal-token-not-fitting"
    assert told(key="strange") == "seal-token-not-fitting"
    assert told(module=tmp_path / "none.so") == "seal-token-module"
    assert told(pin_file=tmp_path / "none") == "seal-token-pin-open"
    others = tmp_path / "pin"
    others.write_text(PIN)
    others.chmod(0o640)
    assert told(pin_file=others) == "seal-token-pin-open"


def test_a_wrong_pin_is_tried_once_by_all_processes_until_its_file_is_written_anew(
    card: Card, pdf: bytes, tmp_path: Path
) -> None:
    pin, run_dir = tmp_path / "pin", tmp_path / "run"
    pin.write_text(OTHER_PIN)
    pin.chmod(0o600)
    place = replace(card.place, pin_file=pin)
    for _start in range(12):  # more than any token forgives
        assert refusal(place, run_dir) == "seal-token-pin"
    assert OTHER_PIN not in (run_dir / MARK).read_text()
    at = pin.stat()
    pin.write_text(PIN)
    os.utime(pin, ns=(at.st_atime_ns, at.st_mtime_ns))  # nobody has written it, for all one sees
    assert refusal(place, run_dir) == "seal-token-pin", "it is not even tried"
    pin.touch()
    seal = token_seal(place, run_dir=run_dir)
    assert holds(seal, seal.sign(pdf)), "it is not locked"
    pin.write_text(OTHER_PIN)
    for _signature in range(12):
        with pytest.raises(SealAwayError) as refused:
            seal.sign(pdf)
        assert refused.value.code == "seal-token-pin"
    assert holds(seal_of(card), seal_of(card).sign(pdf)), "it is not locked"


def test_a_mark_that_nobody_can_read_counts(card: Card, tmp_path: Path) -> None:
    (tmp_path / MARK).mkdir()
    assert refusal(card.place, tmp_path) == "seal-token-pin"


def test_whoever_hangs_with_the_pin_does_not_hold_the_others(card: Card, tmp_path: Path) -> None:
    pin = PinFile(card.place.pin_file, tmp_path / MARK)
    with pin.turn(60) as text:
        assert text == PIN
        with pytest.raises(SealAwayError) as away, pin.turn(0):
            pass
    assert away.value.code == "seal-token-away"


@dataclass(frozen=True)
class StuckKey:
    """A key whose token does not answer until it is let go."""

    key: SealKey
    let_go: threading.Event

    @contextmanager
    def signer(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
    ) -> Iterator[Signer]:
        """Who signs with it, at long last."""
        self.let_go.wait(60)
        with self.key.signer(certificate, chain) as signer:
            yield signer


def test_nobody_looks_anew_at_a_module_while_another_signs_with_it(
    card: Card, pdf: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A module is one of a process: taken from under a signature it ends them all."""
    monkeypatch.setattr("server.pdf.tokens._PATIENCE_S", 0.2)
    seal = seal_of(card)
    with seal.key.signer(seal.certificate, seal.chain) as signer, ThreadPoolExecutor(1) as other:
        asked = other.submit(refusal, replace(card.place, label="another"), tmp_path)
        assert asked.result(10) == "seal-token-away"
        assert asyncio.run(signer.async_sign_raw(b"what is being signed", "sha256"))
    assert holds(seal, seal.sign(pdf))


async def test_a_token_that_hangs_is_away_and_costs_one_thread(card: Card, pdf: bytes) -> None:
    seal = seal_of(card)
    let_go = threading.Event()
    sealer = Sealer(replace(seal, key=StuckKey(seal.key, let_go)), patience_s=0.05)
    before = threading.active_count()
    for _paper in range(5):
        with pytest.raises(SealAwayError) as away:
            await sealer.sign(pdf)
        assert away.value.code == "seal-token-away"
    assert threading.active_count() <= before + 1
    let_go.set()
    signed = await Sealer(seal).sign(pdf)
    assert await asyncio.to_thread(holds, seal, signed)


def test_a_token_that_was_pulled_seals_nothing_until_it_is_back(card: Card, pdf: bytes) -> None:
    seal = seal_of(card)
    card.pull()
    try:
        with pytest.raises(SealAwayError) as refused:
            seal.sign(pdf)
        assert refused.value.code == "seal-token-away"
    finally:
        card.put_back()
    assert holds(seal, seal.sign(pdf))


def test_a_token_that_is_pulled_for_a_moment_between_two_signatures_is_found_again(
    card: Card, pdf: bytes
) -> None:
    """The module still knows the token as it was: it looks anew, and the seal is made."""
    seal = seal_of(card)
    for _ in range(5):
        card.pull()
        card.put_back()
        assert seal.sign(pdf)


@dataclass(frozen=True)
class PulledKey:
    """A key whose token is pulled once the session is open and the signature has begun."""

    key: SealKey
    card: Card

    @contextmanager
    def signer(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
    ) -> Iterator[Signer]:
        """Who signs with it."""
        with self.key.signer(certificate, chain) as signer:
            self.card.pull()
            try:
                yield signer
            finally:
                self.card.put_back()


def test_a_token_that_goes_in_the_middle_of_a_signature_leaves_nothing(
    card: Card, pdf: bytes
) -> None:
    seal = seal_of(card)
    hasty = replace(seal, key=PulledKey(seal.key, card))
    with pytest.raises(SealAwayError):
        hasty.sign(pdf)
    assert holds(seal, seal.sign(pdf))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "The hospital's seal is valid"),
        ({"seal_token_label": "another"}, "is not there, or does not answer"),
    ],
)
def test_the_doctor_looks_at_the_token(
    card: Card, tmp_path: Path, change: dict[str, str], words: str
) -> None:
    settings = load_settings({"data_dir": tmp_path, **card.flags(), **change})
    found = [each for each in islice(doctor.examine(settings), 9) if words in each.message]
    assert [each.is_well for each in found] == [not change]


def test_half_a_token_is_refused(card: Card, tmp_path: Path) -> None:
    flags = card.flags()
    for name in flags:
        with pytest.raises(SettingsRefusedError):
            load_settings({"data_dir": tmp_path, **{k: v for k, v in flags.items() if k != name}})
    with pytest.raises(SettingsRefusedError):
        load_settings({"data_dir": tmp_path, "seal_file": str(card.folder / "pin"), **flags})


@pytest.mark.server
@pytest.mark.timeout(180)
async def test_a_house_whose_token_is_pulled_issues_no_pdf_until_it_is_back(
    card: Card, tmp_path: Path
) -> None:
    """In English, which nobody has asked for yet: the Chinese one is made by itself."""
    with open_world(tmp_path / "house", **card.flags()) as house:
        report = house.world.things["report"]
        async with house.visitor(
            house.world.person(Side.HOME, Role.REQUESTING_PHYSICIAN)
        ) as visitor:
            visitor.raw.cookie_jar.update_cookies({"lianzhen_lang": "en"})
            card.pull()
            try:
                refused = await _ask(visitor, report)
            finally:
                card.put_back()
            made = await _ask(visitor, report)
        log = house.house.log()
    told = json.loads(refused)
    assert told["code"] == "paper-seal-away"
    assert told["detail"].startswith("The PDF cannot be issued: the token with the seal of 江州市")
    assert "no report can be sealed" in log
    assert await asyncio.to_thread(lambda: holds(seal_of(card), made))


async def _ask(visitor: Visitor, report: str) -> bytes:
    """Ask for the PDF until it is handed over or refused."""
    assert (await visitor.send(f"/api/reports/{report}/paper"))[0] == HTTPStatus.ACCEPTED
    body = b"paper-being-made"
    while b"paper-being-made" in body:  # the test's own time limit ends it
        await asyncio.sleep(0.2)
        async with visitor.raw.get(f"/reports/{report}/paper.pdf") as answer:
            body = await answer.read()
    return body

"""A hospital's seal in a token (PKCS#11 2.40): a card or security module that keeps its key.

A session is opened for each signature, so that a token that was pulled and put back works again. A
wrong PIN is tried once and never again until its file is written anew: a few tries lock the token
for good.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from server.pdf.pins import MARK, PinFile, PinRefusedError
from server.pdf.refusals import AWAY, NO_MODULE, NOT_FITTING
from server.pdf.seals import CertificateSeal, SealAwayError, SealKind, der_of
from server.settings.sealing import TokenPlace

if TYPE_CHECKING:
    import pkcs11
    from pyhanko.sign.signers import Signer

_PATIENCE_S: Final = 30.0
_ONE: Final = threading.Lock()
"""A module is the whole process's: looking anew under a signature that runs would end both."""
_PROBE: Final = b"lianzhen: does the key of this token fit its certificate?"


@dataclass(slots=True)
class KeyInToken:
    """A key that never leaves its token; one signature at a time."""

    place: TokenPlace
    pin: PinFile

    @contextmanager
    def signer(
        self, certificate: x509.Certificate, chain: Sequence[x509.Certificate]
    ) -> "Iterator[Signer]":
        """Who signs with it; raises SealAwayError, also where the token goes away meanwhile."""
        from pyhanko.sign.pkcs11 import PKCS11Signer  # noqa: PLC0415 - half a second, and a library

        with self.session() as opened:
            yield PKCS11Signer(
                opened,
                signing_cert=asn1_x509.Certificate.load(der_of(certificate)),
                ca_chain=[asn1_x509.Certificate.load(der_of(each)) for each in chain],
                key_label=self.place.key,
                # not every token hashes; every one that has elliptic curves signs a hash
                use_raw_mechanism=isinstance(certificate.public_key(), ec.EllipticCurvePublicKey),
            )

    @contextmanager
    def session(self) -> "Iterator[pkcs11.Session]":
        """A session of whoever knows the PIN, for the time of a block."""
        import pkcs11  # noqa: PLC0415 - a house without a token needs no such library

        if not _ONE.acquire(timeout=_PATIENCE_S):
            raise SealAwayError(AWAY)
        opened = None
        try:
            opened = self._open()
            yield opened
        except pkcs11.PKCS11Error:
            raise SealAwayError(AWAY) from None
        finally:
            if opened is not None:
                with suppress(pkcs11.PKCS11Error):
                    opened.close()
            _ONE.release()

    def _open(self) -> "pkcs11.Session":
        import pkcs11  # noqa: PLC0415 - see above

        refusals = (pkcs11.PinIncorrect, pkcs11.PinInvalid, pkcs11.PinLenRange, pkcs11.PinLocked)
        with self.pin.turn(_PATIENCE_S) as pin:
            try:
                return self._enter(pin, refusals)
            except refusals:
                raise PinRefusedError from None

    def _enter(self, pin: str, refusals: tuple[type[Exception], ...]) -> "pkcs11.Session":
        """Open the token; a module that knows it only as it was before looks anew, once."""
        import pkcs11  # noqa: PLC0415 - see above

        try:
            module = pkcs11.lib(str(self.place.module))
        except (pkcs11.PKCS11Error, RuntimeError, OSError):
            raise SealAwayError(NO_MODULE) from None
        try:
            return module.get_token(token_label=self.place.label).open(user_pin=pin)
        except refusals:
            raise
        except pkcs11.PKCS11Error:
            module.reinitialize()
            return module.get_token(token_label=self.place.label).open(user_pin=pin)


def token_seal(place: TokenPlace, *, run_dir: Path) -> CertificateSeal:
    """The seal in this token; raises SealAwayError in words that name what to mend.

    The token signs a few bytes, so that a certificate of another key is found out now.
    """
    key = KeyInToken(place, PinFile(place.pin_file, run_dir / MARK))
    with key.session() as opened:
        certificates = _certificates(opened, place)
        own = certificates[0]
        signature = _sign(opened, place, own)
    if not _is_made_by(own, signature):
        raise SealAwayError(NOT_FITTING)
    return CertificateSeal(SealKind.HOSPITAL, key, own, certificates[1:])


def _certificates(opened: "pkcs11.Session", place: TokenPlace) -> list[x509.Certificate]:
    """The hospital's first, then what stands above it: from the file named, or the token."""
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - see above

    if place.certificate is not None:
        try:
            return x509.load_pem_x509_certificates(place.certificate.read_bytes())
        except (OSError, ValueError):
            raise SealAwayError(NOT_FITTING) from None
    found = [
        (each[Attribute.LABEL], x509.load_der_x509_certificate(each[Attribute.VALUE]))
        for each in opened.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})
    ]
    own = [certificate for label, certificate in found if label == place.key]
    if len(own) != 1:
        raise SealAwayError(NOT_FITTING)
    return _with_issuers(own[0], [certificate for _label, certificate in found])


def _with_issuers(
    own: x509.Certificate, others: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """A certificate and those above it, each named by the one below (RFC 5280, 6.1)."""
    chain = [own]
    by_name = {each.subject: each for each in others}
    while (above := by_name.get(chain[-1].issuer)) is not None and above not in chain:
        if chain[-1].subject == chain[-1].issuer:
            break
        chain.append(above)
    return chain


def _sign(opened: "pkcs11.Session", place: TokenPlace, own: x509.Certificate) -> bytes:
    """A signature over the probe, as the key's kind asks for it."""
    from pkcs11 import Attribute, Mechanism, ObjectClass, SignMixin  # noqa: PLC0415 - see above
    from pkcs11.util.ec import encode_ecdsa_signature  # noqa: PLC0415 - see above

    wanted = {Attribute.CLASS: ObjectClass.PRIVATE_KEY, Attribute.LABEL: place.key}
    keys = [each for each in opened.get_objects(wanted) if isinstance(each, SignMixin)]
    if len(keys) != 1:
        raise SealAwayError(NOT_FITTING)
    if isinstance(own.public_key(), rsa.RSAPublicKey):
        return bytes(keys[0].sign(_PROBE, mechanism=Mechanism.SHA256_RSA_PKCS))
    digest = hashes.Hash(hashes.SHA256())
    digest.update(_PROBE)
    return bytes(encode_ecdsa_signature(keys[0].sign(digest.finalize(), mechanism=Mechanism.ECDSA)))


def _is_made_by(own: x509.Certificate, signature: bytes) -> bool:
    public = own.public_key()
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, _PROBE, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(signature, _PROBE, ec.ECDSA(hashes.SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True

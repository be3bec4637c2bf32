"""What `lianzhen doctor` looks at around the house: certificate, Redis, store of images."""

import contextlib
import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from consult.blobs.errors import BlobsAwayError
from server.cli.doctor_turn import examine_relay
from server.cli.finding import Finding
from server.i18n import N_
from server.settings import Settings
from server.tls.authority import Authority
from server.tls.chosen import find_pair
from server.tls.pair import Pair, TlsRefusedError, check_pair
from server.tls.sentences import TLS_REFUSALS
from server.transactions import utc_now

_WARN_BEFORE: Final = timedelta(days=30)


def examine_around(settings: Settings) -> Iterator[Finding]:
    """What is set is looked at; what is not set is not missed."""
    pair = find_pair(settings)
    if pair is not None:
        yield _certificate(pair, Authority(settings.authority_dir))
    if settings.redis_url is not None:
        yield _redis(settings.redis_url)
    if settings.blob_url is not None:
        yield _bucket(settings)
    if settings.media:
        yield _video(settings)
    yield from examine_relay(settings)


def _certificate(pair: Pair, authority: Authority) -> Finding:
    """A pair of our own is made at the first start, and ends no later than its authority."""
    if pair == authority.pair and authority.certificate() is None:
        return Finding(is_well=True, message=N_("The first start makes a certificate."))
    try:
        certificate = check_pair(pair, now=utc_now())
    except TlsRefusedError as refused:
        return Finding(is_well=False, message=TLS_REFUSALS[refused.code])
    day = certificate.not_valid_after_utc.date().isoformat()
    if certificate.not_valid_after_utc - utc_now() < _WARN_BEFORE:
        message = N_("The certificate ends on {names}: put another in its place.")
        return Finding(is_well=False, message=message, names=day)
    return Finding(is_well=True, message=N_("The certificate holds until {names}."), names=day)


def _video(settings: Settings) -> Finding:
    """Whether each address has a port for us; a server that runs has some of them already."""
    names = f"{', '.join(settings.media_addresses)}, UDP {settings.media_ports}"
    if settings.media_public_address:
        names += f" ({settings.media_public_address})"
    if all(_has_port(address, settings.media_port_range) for address in settings.media_addresses):
        return Finding(
            is_well=True,
            message=N_("Video uses {names}: clinics must be let through to it, or to a relay."),
            names=names,
        )
    message = N_("Video cannot use {names}: not an address of this machine, or no port is free.")
    return Finding(is_well=False, message=message, names=names)


def _has_port(address: str, ports: range) -> bool:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for port in ports:
        with socket.socket(family, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
            probe.bind((address, port))
            return True
    return False


def _redis(url: str) -> Finding:
    from consult.live.redis import answers  # noqa: PLC0415 - only a grown house waits for it

    if not answers(url):
        message = N_("Redis does not answer: the server works without it, and more slowly.")
        return Finding(is_well=False, message=message)
    return Finding(is_well=True, message=N_("Redis answers."))


def _bucket(settings: Settings) -> Finding:
    from server.stores import make_store  # noqa: PLC0415 - only where there is an object store

    try:
        next(iter(make_store(settings).list_keys()), None)
    except BlobsAwayError:
        message = N_("The store of images cannot be reached, or does not let us in.")
        return Finding(is_well=False, message=message)
    return Finding(is_well=True, message=N_("The store of images lets us in."))

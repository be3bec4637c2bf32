"""What `lianzhen doctor` looks at of the relay (TURN): each address is asked for a place."""

import ssl
from collections.abc import Iterator, Mapping
from typing import Final

from server.cli.finding import Finding
from server.i18n import N_
from server.settings import Settings
from server.tls.authority import Authority
from server.turn.address import read_address
from server.turn.allocate import Outcome, try_allocate
from server.turn.handing import TurnSecretUnreadableError, load_relay

_ANSWERS_S: Final = 5.0
_SAID: Final[Mapping[Outcome, str]] = {
    Outcome.GRANTED: N_("The relay gives a place at {names}."),
    Outcome.REFUSED: N_("The relay at {names} refuses us: another secret, clock or quota."),
    Outcome.UNTRUSTED: N_("This machine does not trust the certificate of the relay at {names}."),
    Outcome.SILENT: N_("The relay at {names} does not answer from this machine."),
}


def examine_relay(settings: Settings) -> Iterator[Finding]:
    """Where one is set: whether it answers by each of its addresses."""
    try:
        relay = load_relay(settings, "doctor")
    except TurnSecretUnreadableError:
        yield Finding(is_well=False, message=N_("The secret of the relay cannot be read."))
        return
    if relay is None:
        return
    trust = ssl.create_default_context()
    own = Authority(settings.authority_dir).certificate_file
    if own.is_file():  # what browsers here were told to trust
        trust.load_verify_locations(own)
    for url in relay.urls:
        outcome = try_allocate(
            read_address(url), relay.credential, trust=trust, within_s=_ANSWERS_S
        )
        is_well = outcome is Outcome.GRANTED
        yield Finding(is_well=is_well, message=_SAID[outcome], names=url)

"""The relay as a browser is told of it: its addresses, and a credential that ends."""

from dataclasses import dataclass, field

from server.settings import Settings
from server.transactions import utc_now
from server.turn.credentials import Credential, make_credential


class TurnSecretUnreadableError(Exception):
    """The relay's secret cannot be read, or is empty: nobody can be let in there."""


@dataclass(frozen=True, slots=True)
class Relay:
    """One relay: its addresses as settings name them, and who is let in."""

    urls: tuple[str, ...]
    credential: Credential = field(repr=False)


def load_relay(settings: Settings, person_id: str) -> Relay | None:
    """The relay for this person, where one is set; reads a file, so call it in a thread.

    Raises TurnSecretUnreadableError. The secret may be changed while the server runs.
    """
    if settings.turn_secret_file is None:
        return None
    try:
        secret = settings.turn_secret_file.read_bytes().strip()
    except OSError:
        secret = b""
    if not secret:
        raise TurnSecretUnreadableError
    ends_s = int(utc_now().timestamp()) + settings.turn_life_s
    return Relay(settings.turn_urls, make_credential(secret, person_id, expires_s=ends_s))

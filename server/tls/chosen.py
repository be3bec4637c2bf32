"""Which certificate this installation serves: given files, its own authority's, or none."""

from server.settings import Settings
from server.tls.authority import Authority, keep_ready
from server.tls.live import LiveCertificate
from server.tls.names import own_names
from server.tls.pair import Pair
from server.transactions import utc_now


def find_certificate(settings: Settings) -> LiveCertificate | None:
    """The certificate, or None where plain HTTP is served; raises TlsRefusedError."""
    pair = find_pair(settings)
    if pair is None:
        return None
    if settings.tls != "off":
        keep_ready(Authority(settings.authority_dir), own_names(), now=utc_now())
    return LiveCertificate(pair, utc_now)


def find_pair(settings: Settings) -> Pair | None:
    """Where certificate and key lie, or will lie after the first start."""
    if settings.tls_cert is not None and settings.tls_key is not None:
        return Pair(settings.tls_cert, settings.tls_key)
    return None if settings.tls == "off" else Authority(settings.authority_dir).pair

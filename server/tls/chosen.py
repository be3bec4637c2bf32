"""Which certificate this installation serves: given files, its own authority's, or none."""

from server.settings import Settings
from server.tls.authority import Authority, keep_ready
from server.tls.live import LiveCertificate
from server.tls.names import own_names
from server.tls.pair import Pair
from server.transactions import utc_now


def find_certificate(settings: Settings) -> LiveCertificate | None:
    """The certificate, or None where plain HTTP is served; raises TlsRefusedError."""
    if settings.tls_cert is not None and settings.tls_key is not None:
        return LiveCertificate(Pair(settings.tls_cert, settings.tls_key), utc_now)
    if settings.tls == "off":
        return None
    authority = Authority(settings.authority_dir)
    keep_ready(authority, own_names(), now=utc_now())
    return LiveCertificate(authority.pair, utc_now)

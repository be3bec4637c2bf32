"""Whether the server of this container answers; Docker asks every few seconds.

It asks /healthz and not /readyz: a database that is away for a while is no reason to restart the
web process that waits for it.
"""

import os
import ssl
import sys
import urllib.error
import urllib.request

_PORT = os.environ.get("LIANZHEN_PORT", "8080")


def is_alive() -> bool:
    """By plain HTTP, or by TLS where the server itself speaks it."""
    return any(_answers(scheme) for scheme in ("http", "https"))


def _answers(scheme: str) -> bool:
    anybody = ssl.create_default_context()  # it is this container, whatever its name
    anybody.check_hostname = False
    anybody.verify_mode = ssl.CERT_NONE
    address = f"{scheme}://127.0.0.1:{_PORT}/healthz"
    try:
        with urllib.request.urlopen(address, timeout=2, context=anybody) as answer:  # noqa: S310 - ours
            return bool(answer.status == 200)  # noqa: PLR2004 - RFC 9110
    except (OSError, urllib.error.URLError):
        return False


if __name__ == "__main__":
    sys.exit(0 if is_alive() else 1)

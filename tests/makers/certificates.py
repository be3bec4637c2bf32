"""Certificates for tests, made by the product's own authority."""

import datetime as dt
import ssl
from pathlib import Path

from server.tls.authority import Authority, found_authority, issue
from server.tls.names import parse_names

HOSTS = ("lianzhen.test", "10.9.8.7")


def make_authority(
    folder: Path, *, now: dt.datetime | None = None, hosts: tuple[str, ...] = HOSTS
) -> Authority:
    """An authority with a server certificate for these hosts and for loopback."""
    authority, at = Authority(folder), now or dt.datetime.now(dt.UTC)
    found_authority(authority, parse_names(hosts), now=at)
    issue(authority, parse_names(hosts), now=at)
    return authority


def trusting(authority: Authority) -> ssl.SSLContext:
    """A browser that has installed this authority and no other."""
    return ssl.create_default_context(cafile=str(authority.certificate_file))

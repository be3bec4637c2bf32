"""`lianzhen cert`: a small authority of the installation, and a certificate for its server."""

import argparse
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import say
from server.i18n import N_
from server.supervisor.folder_lock import hold_preparation
from server.tls.authority import Authority, found_authority, issue, served_names
from server.tls.fingerprint import spaced
from server.tls.names import own_names, parse_names
from server.transactions import utc_now

_RENEW = "renew"


def run(arguments: Sequence[str]) -> int:
    """Make authority and certificate, or with `renew` only the certificate."""
    options = _parse(arguments)
    settings = read_settings(options)
    authority = Authority(settings.authority_dir)
    is_renewal = options.names[:1] == [_RENEW]
    typed = options.names[1:] if is_renewal else options.names
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with hold_preparation(settings.data_dir):
        now = utc_now()
        if is_renewal:
            names = parse_names(typed) if typed else served_names(authority)
        else:
            names = parse_names(typed) if typed else own_names()
            found_authority(authority, names, now=now)
        served = issue(authority, names, now=now)
    say(N_("For: {names}"), names=", ".join(map(str, names)))
    say(N_("Holds until {day}."), day=served.not_valid_after_utc.date().isoformat())
    say(N_("The server serves it with: --tls self-signed"))
    root = authority.certificate()
    if root is not None:
        _say_authority(root, authority)
    return 0


def _say_authority(root: x509.Certificate, authority: Authority) -> None:
    say(N_("Computers install: {file}"), file=authority.certificate_file)
    say(N_("SHA-256 of that file's certificate:"))
    say("{fingerprint}", fingerprint=spaced(root.fingerprint(hashes.SHA256())))


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = make_parser("cert", "Make a certificate of this installation's own authority.")
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="host names and addresses of the server (default: this machine's); "
        "`renew` before them keeps the authority",
    )
    add_settings(parser, ("data_dir", "key_file"))
    return parser.parse_args(arguments)

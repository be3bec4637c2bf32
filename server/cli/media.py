"""`python -m server media`: the media process; the supervisor gives its settings as environment."""

import errno
from collections.abc import Sequence
from typing import Final

from server.cli.options import make_parser
from server.cli.speech import complain
from server.i18n import N_
from server.logs import configure_logs
from server.media.limits import load_media_rules
from server.media.process import MediaPlace, run_media
from server.settings import load_settings
from server.supervisor.children import media_name

_ADDRESS: Final = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)


def run(arguments: Sequence[str]) -> int:
    """Serve rooms until SIGTERM; 1 where an address is not ours: the clinic goes on without."""
    parser = make_parser("media", "Serve video rooms; started by `lianzhen serve`.")
    parser.add_argument("--number", type=int, default=1)
    number = parser.parse_args(arguments).number
    settings = load_settings({})
    configure_logs(process=media_name(settings, number), log_format=settings.log_format)
    place = MediaPlace(
        settings.media_socket(number),
        settings.media_outbox(number),
        settings.media_addresses,
        settings.media_public_address,
        settings.media_ports_of(number),
        settings.media_rooms,
        settings.media_path,
        settings.media_janus,
    )
    try:
        run_media(place, *load_media_rules(settings.config_dir))
    except OSError as refused:
        if refused.errno not in _ADDRESS:
            raise
        address = ",".join(settings.media_addresses)
        complain(N_("{address} is taken, or not ours to listen on."), address=address)
        return 1
    return 0

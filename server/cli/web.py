"""`python -m server web`: the web process; the supervisor gives its settings as environment."""

import errno
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Final

from server import demonstration
from server.app import run_web
from server.cli.options import make_parser
from server.cli.speech import complain
from server.cli.unit import run_unit
from server.i18n import N_
from server.installation import prepare
from server.logs import configure_logs
from server.pdf.refusals import SEAL_REFUSALS
from server.pdf.seals import SealAwayError, SealFileError
from server.settings import load_settings
from server.supervisor.child import CANNOT_START
from server.supervisor.folder_lock import hold_preparation
from server.tls.chosen import find_certificate

_ADDRESS: Final = (errno.EADDRINUSE, errno.EADDRNOTAVAIL, errno.EACCES)
_NAME: Final = Path("/proc/self/comm")  # proc(5): what `top` and `ps` call this process
_SPARE, _BEGUN = "web-spare", "web"


def run(arguments: Sequence[str]) -> int:
    """Serve HTTP until SIGTERM; CANNOT_START where starting again would not help."""
    parser = make_parser("web", "Serve HTTP; started by `lianzhen serve`.")
    parser.add_argument("--spare", action="store_true", help="begin at a byte of standard input")
    if parser.parse_args(arguments).spare and not _is_needed():
        return 0
    settings = load_settings({})
    configure_logs(process="web", log_format=settings.log_format)
    with hold_preparation(settings.data_dir):
        certificate = find_certificate(settings)
        is_new = prepare(settings)
        if is_new and settings.seed is not None:
            # only here, so that a hospital's web process never loads the code that draws fiction
            import_module("server.demo.seed").run(settings, settings.seed)
        run_unit(settings, demonstration.require_whole)
    try:
        run_web(settings, certificate)
    except OSError as refused:
        if refused.errno not in _ADDRESS:
            raise
        address = f"{settings.host}:{settings.port}"
        complain(N_("{address} is taken, or not ours to listen on."), address=address)
        return CANNOT_START
    except (SealAwayError, SealFileError) as refused:
        complain(SEAL_REFUSALS[refused.code])
        return CANNOT_START
    return 0


def _is_needed() -> bool:
    """Wait with the whole program in memory; False where the supervisor has gone."""
    _NAME.write_text(_SPARE, "utf-8")
    if not sys.stdin.buffer.read(1):
        return False
    _NAME.write_text(_BEGUN, "utf-8")
    return True

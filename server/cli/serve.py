"""`lianzhen serve`: the supervisor and its children."""

import contextlib
from collections.abc import Sequence

from server.cli.options import SERVING, add_settings, make_parser, read_settings
from server.logs import configure_logs
from server.settings import Role
from server.supervisor.children import make_specs
from server.supervisor.folder_lock import hold_data_folder
from server.supervisor.supervisor import Supervisor


def run(arguments: Sequence[str]) -> int:
    """Serve until a signal ends us."""
    parser = make_parser("serve", "Serve this installation until a signal ends it.")
    add_settings(parser, SERVING)
    settings = read_settings(parser.parse_args(arguments))
    configure_logs(process="supervisor", log_format=settings.log_format)
    with contextlib.ExitStack() as held:
        locks: tuple[int, ...] = ()
        if settings.role not in {Role.WORKER, Role.DICOM, Role.MEDIA}:
            locks = (held.enter_context(hold_data_folder(settings.data_dir)),)
        settings.run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        return Supervisor(make_specs(settings, locks=locks)).run()

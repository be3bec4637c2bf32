"""`lianzhen seed`: fill an empty installation with a fictional consortium."""

from collections.abc import Sequence
from pathlib import Path

from consult.db.migrate import is_empty
from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import complain, say
from server.demo import seed
from server.i18n import N_
from server.installation import prepare
from server.supervisor.folder_lock import hold_data_folder


def run(arguments: Sequence[str]) -> int:
    """Seed from a file; an installation that holds anything already is left alone."""
    parser = make_parser("seed", "Fill an empty installation with a fictional consortium.")
    parser.add_argument("file", type=Path, help="TOML file with an integer seed and sizes")
    add_settings(parser)
    options = parser.parse_args(arguments)
    settings = read_settings(options)
    with hold_data_folder(settings.data_dir):
        if not is_empty(settings.database_url):
            complain(N_("This installation has data already; nothing was changed."))
            return 1
        prepare(settings)
        seed.run(settings, options.file)
    say(N_("The fictional consortium is ready."))
    return 0

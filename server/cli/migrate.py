"""`lianzhen migrate`: bring the database to this release."""

from collections.abc import Sequence

from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import say
from server.i18n import N_
from server.installation import migrate
from server.supervisor.folder_lock import hold_data_folder


def run(arguments: Sequence[str]) -> int:
    """Apply every migration that the database has not seen."""
    parser = make_parser("migrate", "Bring the database to this release.")
    add_settings(parser)
    settings = read_settings(parser.parse_args(arguments))
    with hold_data_folder(settings.data_dir):
        migrate(settings)
    say(N_("The database is ready for this release."))
    return 0

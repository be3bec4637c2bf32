"""`lianzhen seed`: fill an empty installation with a fictional consortium."""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from consult.people.practitioners import service as practitioners
from server import demonstration
from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import complain, say
from server.cli.unit import run_unit
from server.demo import seed
from server.demo.plan import plan_from
from server.demo.sign_ins import say_sign_ins
from server.i18n import N_
from server.installation import migrate, prepare
from server.settings import Settings
from server.supervisor.folder_lock import hold_data_folder
from server.transactions import utc_now


def run(arguments: Sequence[str]) -> int:
    """Seed from a file; an installation that holds anything already is left alone."""
    parser = make_parser("seed", "Fill an empty installation with a fictional consortium.")
    parser.add_argument("file", type=Path, help="TOML file with an integer seed and sizes")
    parser.add_argument(
        "--once", action="store_true", help="migrate what is there already, and list the sign-ins"
    )
    add_settings(parser)
    options = parser.parse_args(arguments)
    settings = read_settings(options)
    with hold_data_folder(settings.data_dir):
        if options.once:
            migrate(settings)
        prepare(settings)
        run_unit(settings, demonstration.require_whole)
        if run_unit(settings, practitioners.is_set_up):
            return _leave_alone(settings, options)
        seed.run(settings, options.file)
    say(N_("The fictional consortium is ready."))
    return 0


def _leave_alone(settings: Settings, options: Namespace) -> int:
    if not options.once:
        complain(N_("This installation has data already; nothing was changed."))
        return 1
    if run_unit(settings, demonstration.is_seeded):
        say_sign_ins(plan_from(options.file, now=utc_now()))
    return 0

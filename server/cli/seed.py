"""`lianzhen seed`: fill an empty installation with a fictional consortium."""

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
from server.installation import prepare
from server.supervisor.folder_lock import hold_data_folder
from server.transactions import utc_now


def run(arguments: Sequence[str]) -> int:
    """Seed from a file; an installation that holds anything already is left alone."""
    parser = make_parser("seed", "Fill an empty installation with a fictional consortium.")
    parser.add_argument("file", type=Path, help="TOML file with an integer seed and sizes")
    parser.add_argument("--sign-ins", action="store_true", help="only list who can sign in")
    add_settings(parser)
    options = parser.parse_args(arguments)
    if options.sign_ins:
        say_sign_ins(plan_from(options.file, now=utc_now()))
        return 0
    settings = read_settings(options)
    with hold_data_folder(settings.data_dir):
        prepare(settings)
        run_unit(settings, demonstration.require_whole)
        if run_unit(settings, practitioners.is_set_up):
            complain(N_("This installation has data already; nothing was changed."))
            return 1
        seed.run(settings, options.file)
    say(N_("The fictional consortium is ready."))
    return 0

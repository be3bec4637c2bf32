"""`lianzhen seed`: fill an empty installation with a fictional consortium."""

from collections.abc import Sequence
from pathlib import Path

from consult.people.practitioners import service as practitioners
from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import complain, say
from server.cli.unit import run_unit
from server.demo import seed
from server.demo.plan import make_plan, read_demo
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
        return _list_sign_ins(options.file)
    settings = read_settings(options)
    with hold_data_folder(settings.data_dir):
        prepare(settings)
        if run_unit(settings, practitioners.is_set_up):
            complain(N_("This installation has data already; nothing was changed."))
            return 1
        seed.run(settings, options.file)
    say(N_("The fictional consortium is ready."))
    return 0


def _list_sign_ins(file: Path) -> int:
    plan = make_plan(read_demo(file.read_text("utf-8")), now=utc_now())
    for person in plan.practitioners:
        say(
            "{login:<10} {password:<24} {roles}",
            login=person.login,
            password=person.password,
            roles=", ".join(sorted({role for at in person.affiliations for role in at.roles})),
        )
    return 0

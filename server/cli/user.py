"""`lianzhen user`: the first administrator, and a way back in for who has forgotten a password."""

import argparse
from collections.abc import Sequence

from consult.people.organisations.model import Tier
from consult.people.organisations.service import NewInstitution
from consult.people.practitioners import service as practitioners
from consult.people.second_factors import service as second_factors
from consult.people.sessions import factors
from consult.people.sessions import service as sessions
from server.auth.passwords import hash_password, make_one_time_password
from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import complain, say
from server.cli.unit import run_unit
from server.i18n import N_
from server.installation import prepare
from server.settings import Settings
from server.supervisor.folder_lock import hold_data_folder


def run(arguments: Sequence[str]) -> int:
    """Add an administrator or reset a password, and print the one-time password."""
    options = _parse(arguments)
    settings = read_settings(options)
    password = make_one_time_password()
    with hold_data_folder(settings.data_dir):
        prepare(settings)
        step = _add if options.act == "add" else _reset
        if not step(settings, options, hash_password(password)):
            return 1
    say(N_("One-time password of {login}: {password}"), login=options.login, password=password)
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = make_parser("user", "Add an administrator, or give a new one-time password.")
    acts = parser.add_subparsers(dest="act", required=True)
    add = acts.add_parser("add", allow_abbrev=False, help="add an administrator")
    add.add_argument("login")
    add.add_argument("--admin", action="store_true", required=True, help="the only kind so far")
    add.add_argument("--name", required=True, help="the person's name")
    add.add_argument("--institution", required=True, help="code of the institution")
    add.add_argument("--institution-name", help="its name, where the code is new")
    reset = acts.add_parser("reset-password", allow_abbrev=False, help="a new one-time password")
    reset.add_argument("login")
    reset.add_argument(
        "--second-factor", action="store_true", help="forget the authenticator app as well"
    )
    for act in (add, reset):
        add_settings(act)
    return parser.parse_args(arguments)


def _add(settings: Settings, options: argparse.Namespace, password_hash: str) -> bool:
    if run_unit(settings, practitioners.find_by_login, options.login) is not None:
        complain(N_("This sign-in name is taken."))
        return False
    institution = NewInstitution(
        code=options.institution,
        name=options.institution_name or options.institution,
        tier=Tier.TERTIARY,
    )
    run_unit(
        settings,
        practitioners.add_administrator,
        login=options.login,
        name=options.name,
        institution=institution,
        password_hash=password_hash,
    )
    return True


def _reset(settings: Settings, options: argparse.Namespace, password_hash: str) -> bool:
    person = run_unit(settings, practitioners.find_by_login, options.login)
    if person is None:
        complain(N_("Nobody signs in with this name."))
        return False
    run_unit(
        settings,
        sessions.reset_password,
        practitioner_id=person.id,
        password_hash=password_hash,
    )
    has_app = run_unit(settings, second_factors.has_second_factor, practitioner_id=person.id)
    if options.second_factor and has_app:
        run_unit(settings, factors.reset_second_factor, practitioner_id=person.id)
    return True

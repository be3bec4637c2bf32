"""`lianzhen restore`: an installation on an empty machine, verified before anybody relies on it."""

from collections.abc import Sequence
from pathlib import Path

from consult.people.sessions import sweeps
from server.backups.restoring import give_places, restore_backup
from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import say
from server.cli.unit import run_unit
from server.cli.verify import FAULTY, tell
from server.i18n import N_
from server.installation import migrate
from server.supervisor.folder_lock import hold_data_folder
from server.verification.opened import opened
from server.verification.walk import verify


def run(arguments: Sequence[str]) -> int:
    """Restore a backup into an empty data folder whose keys lie there already, and verify it."""
    parser = make_parser("restore", "Restore a backup on an empty machine, and verify it.")
    parser.add_argument("source", type=Path, help="the folder that `lianzhen backup` made")
    add_settings(parser)
    options = parser.parse_args(arguments)
    settings = read_settings(options)
    with hold_data_folder(settings.data_dir):
        manifest = restore_backup(settings, options.source)
        migrate(settings)
        run_unit(settings, sweeps.end_every)  # a cookie of before the backup opens nothing
        give_places(settings)
        with opened(settings) as checked:
            findings = verify(checked, progress=lambda _part, _done, _total: None)
    say(
        N_("Restored as of {time}. The rules in force then lie in {folder}."),
        time=manifest.made_at.astimezone().isoformat(" ", "seconds"),
        folder=settings.data_dir / "config",
    )
    tell(findings)
    return 0 if findings.is_clean else FAULTY

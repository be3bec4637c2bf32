"""`lianzhen backup`: copy the installation while it runs, without its keys."""

import json
from collections.abc import Sequence
from pathlib import Path

from server.backups.making import make_backup
from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import say
from server.i18n import N_
from server.transactions import utc_now

LAST = "last_backup.json"


def run(arguments: Sequence[str]) -> int:
    """Make a backup in a new folder."""
    parser = make_parser("backup", "Copy the installation into a new folder while it runs.")
    parser.add_argument("target", type=Path, help="the folder to make")
    add_settings(parser)
    options = parser.parse_args(arguments)
    settings = read_settings(options)
    manifest = make_backup(settings, options.target.absolute(), now=utc_now())
    (settings.data_dir / LAST).write_text(json.dumps({"at": manifest.made_at.isoformat()}))
    say(
        N_("The backup is whole: the database as of {time}, {images} images, {uploads} uploads."),
        time=manifest.made_at.astimezone().isoformat(" ", "seconds"),
        images=manifest.blobs,
        uploads=len(manifest.spool),
    )
    say(
        N_(
            "The keys are not in it. Without {keys} nobody can read database or images in it: keep "
            "a copy of that folder elsewhere, apart from the backups."
        ),
        keys=settings.key_file.parent,
    )
    return 0

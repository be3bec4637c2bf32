"""`lianzhen publish`: the verification page as plain files, for a machine that holds no patients.

Any web server can serve the folder as its root; what a code tells is as old as the last run.
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from aiohttp import web

from consult.kernel.work import Work
from consult.reports import verification
from consult.reports.seal import Seal
from consult.reports.verification import Verified
from server import demonstration, keys
from server.cli.options import SEALS, add_settings, make_parser, read_settings
from server.cli.speech import complain, say
from server.cli.unit import read_unit
from server.i18n import CHINESE, ENGLISH, N_
from server.pdf.refusals import SEAL_REFUSALS
from server.pdf.seals import SealAwayError, SealFileError
from server.transactions import utc_now
from server.views.verification import Asked, verification_page
from server.wiring import ROOT, furnish_words

_PLACES = {CHINESE: Path("verify"), ENGLISH: Path("verify") / "en"}


def run(arguments: Sequence[str]) -> int:
    """Write a page for each code, the form, and what both need."""
    options = _parse(arguments)
    settings = read_settings(options)
    app = web.Application()
    is_demo = read_unit(settings, demonstration.is_seeded)
    try:
        furnish_words(app, settings, is_demo=is_demo)
    except (SealAwayError, SealFileError) as refused:
        complain(SEAL_REFUSALS[refused.code])
        return 1
    found = read_unit(settings, _gather, seal=app[keys.SEAL])
    _write_all(app, options.out, found)
    say(N_("{count} codes can be verified from {folder}."), count=len(found), folder=options.out)
    return 0


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = make_parser("publish", "Write the verification page as plain files.")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder to write")
    add_settings(parser, ("data_dir", "database_url", "key_file", *SEALS))
    return parser.parse_args(arguments)


def _gather(work: Work, *, seal: Seal) -> list[Verified]:
    return list(verification.list_verified(work, seal=seal))


def _write_all(app: web.Application, out: Path, found: Sequence[Verified]) -> None:
    now = utc_now()
    for tongue, place in _PLACES.items():
        form = Asked("", None, now, is_static=True)
        _write(out / place / "index.html", verification_page(app, tongue, form))
        for each in found:
            page = verification_page(app, tongue, Asked(each.code, each, now, is_static=True))
            _write(out / place / each.code / "index.html", page)
    shutil.copytree(ROOT / "static" / "dist", out / "static", dirs_exist_ok=True)


def _write(path: Path, html: str) -> None:
    """Whole or not at all: somebody may be reading."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(html, encoding="utf-8")
    draft.replace(path)

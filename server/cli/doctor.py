"""`lianzhen doctor`: look for what would keep this installation from working."""

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from consult.db.schema import is_at_head, is_empty
from consult.journal.anchor import parse_anchor
from consult.kernel.errors import ConsultError
from consult.kernel.keys import load_vault
from consult.reports.seal import is_seal_there, require_seal
from imaging.jail.typefaces import find_typeface
from server import anchors
from server.cli.backup import LAST
from server.cli.doctor_around import examine_around
from server.cli.doctor_jail import examine_jail
from server.cli.finding import Finding
from server.cli.options import SEALS, STORAGE, VIDEO, add_settings, make_parser, read_settings
from server.cli.speech import say, sentence
from server.i18n import N_
from server.pdf.chosen import brought_seal
from server.pdf.refusals import SEAL_REFUSALS
from server.pdf.seals import SealAwayError, SealFileError
from server.settings import Settings
from server.transactions import utc_now

_LEAST_FREE_BYTES: Final = 2 << 30
_OLDEST_BACKUP: Final = timedelta(days=8)
_WARN_BEFORE: Final = timedelta(days=30)
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def run(arguments: Sequence[str]) -> int:
    """Make every check; 1 when one of them found a fault."""
    parser = make_parser("doctor", "Look for what would keep this installation from working.")
    add_settings(parser, (*STORAGE, *SEALS, "redis_url", "tls", "tls_cert", "tls_key", *VIDEO))
    settings = read_settings(parser.parse_args(arguments))
    findings = list(examine(settings))
    for finding in findings:
        mark = N_("well") if finding.is_well else N_("FAULT")
        seen = sentence(finding.message, names=finding.names)
        say("{mark:<6} {seen}", mark=sentence(mark), seen=seen)
    return 0 if all(finding.is_well for finding in findings) else 1


def examine(settings: Settings) -> Iterator[Finding]:
    """Every check, in the order in which faults should be mended."""
    for check in (
        *(_data_folder, _free_space, _key_file, _key_privacy, _database),
        *(_seal, _anchors, _backup, _hospital_seal, _jail, _typeface),
    ):
        yield check(settings)
    yield from examine_around(settings)


def _data_folder(settings: Settings) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=settings.data_dir) as file:
            file.write(b"lianzhen")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        return Finding(is_well=False, message=N_("The data folder cannot be written."))
    return Finding(is_well=True, message=N_("The data folder can be written."))


def _free_space(settings: Settings) -> Finding:
    try:
        free_bytes = shutil.disk_usage(settings.data_dir).free
    except OSError:
        free_bytes = 0
    if free_bytes < _LEAST_FREE_BYTES:
        return Finding(is_well=False, message=N_("Less than 2 GiB are free for images."))
    return Finding(is_well=True, message=N_("There is room for images."))


def _key_file(settings: Settings) -> Finding:
    try:
        load_vault(settings.key_file)
    except (ConsultError, OSError):
        return Finding(is_well=False, message=N_("The key file cannot be read."))
    return Finding(is_well=True, message=N_("The key file holds a master key."))


def _key_privacy(settings: Settings) -> Finding:
    try:
        mode = settings.key_file.stat().st_mode
    except OSError:
        mode = 0
    if mode & _OTHERS:
        return Finding(
            is_well=False, message=N_("Other users of this machine can read the key file.")
        )
    return Finding(is_well=True, message=N_("No other user of this machine can read the key file."))


def _database(settings: Settings) -> Finding:
    try:
        if is_empty(settings.database_url):
            return Finding(
                is_well=False, message=N_("The database is empty. Run: lianzhen migrate")
            )
        if not is_at_head(settings.database_url):
            message = N_("The database is from another release. Run: lianzhen migrate")
            return Finding(is_well=False, message=message)
    except SQLAlchemyError:
        return Finding(is_well=False, message=N_("The database cannot be reached."))
    return Finding(is_well=True, message=N_("The database fits this release."))


def _seal(settings: Settings) -> Finding:
    """The seal's key is made beside the master key; afterwards both must stay."""
    is_founded = settings.key_file.exists() or (settings.data_dir / anchors.FILE).exists()
    if is_founded and not is_seal_there(settings.key_file.parent):
        return Finding(is_well=False, message=N_("The key of the seal is missing: put it back."))
    return Finding(is_well=True, message=N_("The key of the seal is in its place."))


def _anchors(settings: Settings) -> Finding:
    """The newest whole line of the anchors must bear our seal."""
    path = settings.data_dir / anchors.FILE
    text = path.read_bytes().decode("utf-8", "replace") if path.exists() else ""
    whole = text.split("\n")[:-1]  # the last one may be torn, or is nothing
    if whole and is_seal_there(settings.key_file.parent):
        seal = require_seal(settings.key_file.parent)
        if parse_anchor(whole[-1], is_valid=seal.is_valid) is None:
            message = N_("The newest anchor of the journal was changed. Run: lianzhen verify")
            return Finding(is_well=False, message=message)
    return Finding(is_well=True, message=N_("The journal's anchors bear the seal."))


def _backup(settings: Settings) -> Finding:
    """Whether a backup was made in the last days; a new installation has none yet."""
    try:
        told = json.loads((settings.data_dir / LAST).read_text("utf-8"))
        age = utc_now() - datetime.fromisoformat(told["at"])
    except FileNotFoundError:
        return Finding(is_well=True, message=N_("No backup was made yet. Run: lianzhen backup"))
    except (OSError, ValueError, KeyError, TypeError):
        return Finding(is_well=False, message=N_("Nobody can read when the last backup was made."))
    if age > _OLDEST_BACKUP:
        return Finding(is_well=False, message=N_("The last backup is older than 8 days."))
    return Finding(is_well=True, message=N_("A backup was made in the last 8 days."))


def _hospital_seal(settings: Settings) -> Finding:
    """What the hospital brought to seal its PDFs with: readable, valid, and for how long."""
    try:
        seal = brought_seal(settings)
    except (SealFileError, SealAwayError) as away:
        return Finding(is_well=False, message=SEAL_REFUSALS[away.code])
    if seal is None:
        return Finding(is_well=True, message=N_("PDFs bear a demonstration seal."))
    names = f"{seal.subject}, {seal.ends_at:%Y-%m-%d}"
    if seal.fault_at(utc_now()) is not None:
        message = N_("The hospital's seal is not valid today, so no PDF is issued: {names}")
        return Finding(is_well=False, message=message, names=names)
    if seal.fault_at(utc_now() + _WARN_BEFORE) is not None:
        message = N_("The hospital's seal soon ends: {names}")
        return Finding(is_well=False, message=message, names=names)
    return Finding(is_well=True, message=N_("The hospital's seal is valid: {names}"), names=names)


def _typeface(_settings: Settings) -> Finding:
    found = find_typeface()
    if found is None:
        message = N_(
            "Reports cannot be issued as PDF: no Chinese typeface. Install fonts-noto-cjk."
        )
        return Finding(is_well=False, message=message)
    message = N_("Reports are set in {names}.")
    return Finding(is_well=True, message=message, names=found.family)


def _jail(_settings: Settings) -> Finding:
    return examine_jail()

"""`lianzhen scrub`: read everything back that is stored, now, and name what is not whole."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from consult.db.engine import parse_database_url
from consult.db.schema import is_at_head
from consult.db.unit import make_units
from consult.journal import service as journal
from consult.kernel.errors import ConsultError
from consult.kernel.keys import load_vault
from consult.kernel.work import SYSTEM, Work
from consult.storage import service as storage
from consult.storage.model import Pass, PassName, StorageFault, StorageRules, parse_storage_rules
from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import complain, say
from server.cli.unit import nobody_reads, read_unit
from server.i18n import N_
from server.installation import SchemaBehindError
from server.rules.rulebook import read_toml
from server.settings import Settings
from server.stores import make_store
from server.supervisor.folder_lock import DataFolderBusyError, hold_data_folder
from server.transactions import write_as
from server.upkeep.asking import leave_wish
from server.upkeep.scrub import Scrub

_FAULTY: Final = 1
_ASK_EVERY_S: Final = 1.0
_TELL_EVERY_S: Final = 5.0
_STALLED_S: Final = 600.0
_SENTENCES: Final = {
    "damaged": N_("{object_type} {object_id} ({part}): its bytes are not what was stored"),
    "missing": N_("{object_type} {object_id} ({part}): its bytes are missing"),
    "unreadable": N_("{object_type} {object_id} ({part}): the disk cannot read it"),
}


class ScrubStalledError(ConsultError):
    """The server that was asked does not read on."""

    def __init__(self) -> None:
        super().__init__("scrub-stalled")


def run(arguments: Sequence[str]) -> int:
    """A whole pass; 0 when everything is whole, 1 when something is not."""
    parser = make_parser("scrub", "Read everything back now; a running server does it by itself.")
    add_settings(parser)
    settings = read_settings(parser.parse_args(arguments))
    if not is_at_head(settings.database_url):
        raise SchemaBehindError
    rules = parse_storage_rules(read_toml(settings.config_dir / "storage.toml"))
    try:
        with hold_data_folder(settings.data_dir):
            asyncio.run(_read_here(settings, rules))
    except DataFolderBusyError:
        _wait_for_server(settings, rules)
    return _tell(settings, rules)


async def _read_here(settings: Settings, rules: StorageRules) -> None:
    vault = load_vault(settings.key_file)
    units = make_units(
        parse_database_url(settings.database_url),
        vault=vault,
        number=journal.number_entries,
        on_commit=nobody_reads,
    )
    try:
        await write_as(units, SYSTEM, storage.ask_pass, name=PassName.SCRUB)
        scrub = Scrub(units, make_store(settings), vault, rules)
        while await scrub.go_on():
            pass
    finally:
        units.close()


def _wait_for_server(settings: Settings, rules: StorageRules) -> None:
    """The server is asked, and does it; raises ScrubStalledError where it does not go on."""
    before = read_unit(settings, _get, rules).last_begun_at
    leave_wish(settings.run_dir)
    moved_s = told_s = time.monotonic()
    count = -1
    while (stands := read_unit(settings, _get, rules)).last_begun_at == before:
        if stands.checked != count:
            count, moved_s = stands.checked, time.monotonic()
        if time.monotonic() - moved_s > _STALLED_S:
            raise ScrubStalledError
        if time.monotonic() - told_s > _TELL_EVERY_S:
            complain(N_("{count} objects read"), count=stands.checked)
            told_s = time.monotonic()
        time.sleep(_ASK_EVERY_S)


def _tell(settings: Settings, rules: StorageRules) -> int:
    stands = read_unit(settings, _get, rules)
    say(N_("{count} objects were read back."), count=stands.last_checked)
    faults = read_unit(settings, _list_faults)
    for fault in faults:
        complain(
            _SENTENCES[fault.kind.value],
            object_type=fault.object_type,
            object_id=fault.object_id,
            part=fault.part,
        )
    if not faults:
        say(N_("All of them are whole."))
    return _FAULTY if faults else 0


def _get(work: Work, rules: StorageRules) -> Pass:
    return storage.get_pass(work, PassName.SCRUB, rules=rules)


def _list_faults(work: Work) -> Sequence[StorageFault]:
    return storage.list_faults(work)

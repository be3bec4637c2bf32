"""`lianzhen import`: every DICOM file below a folder and in its ZIPs, with a report."""

import argparse
import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import complain, say, sentence
from server.i18n import N_
from server.importing.alone import furnished
from server.importing.bound import MOST_IMPORTS, TooManyImportsError, holding_place
from server.importing.door import SOCKET, open_door
from server.importing.line import NoSuchInstitutionError, ServerAwayError, open_line
from server.importing.report import GOOD, Report
from server.importing.run import Import
from server.installation import prepare
from server.logs import configure_logs
from server.sentences.images import SENTENCES
from server.settings import Settings
from server.supervisor.children import make_worker_spec
from server.supervisor.folder_lock import DataFolderBusyError, hold_data_folder
from server.supervisor.lone import lone_child

_INTERRUPTED: Final = 130


def run(arguments: Sequence[str]) -> int:
    """Import through the running server, or alone where none runs; 1 where something was left."""
    options = _parse(arguments)
    settings = read_settings(options)
    configure_logs(process="import", log_format=settings.log_format)
    if not options.folder.is_dir():
        complain(N_("There is no such folder."))
        return 1
    try:
        return _run(settings, options)
    except NoSuchInstitutionError:
        complain(N_("No institution has the code {code}."), code=options.institution)
    except TooManyImportsError:
        complain(N_("{count} imports run already. Wait until one has ended."), count=MOST_IMPORTS)
    except ServerAwayError:
        complain(N_("The server does not answer. Run the same command again to go on."))
    except KeyboardInterrupt:
        complain(N_("Interrupted. Run the same command again to go on."))
        return _INTERRUPTED
    return 1


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = make_parser("import", "Import every DICOM file below a folder, and in its ZIPs.")
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument(
        "--institution", required=True, metavar="CODE", help="whose images they are"
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        default=Path("import-report.csv"),
        help="a CSV file, a line a file; with the same one a second run goes on",
    )
    add_settings(parser)
    return parser.parse_args(arguments)


def _run(settings: Settings, options: argparse.Namespace) -> int:
    try:
        with hold_data_folder(settings.data_dir):
            prepare(settings)
            settings.run_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            worker = settings.worker_socket
            with lone_child(make_worker_spec(worker), worker):
                return asyncio.run(_import_alone(settings, options))
    except DataFolderBusyError:
        with holding_place(settings.run_dir):
            return asyncio.run(_import(settings.run_dir / SOCKET, options))


async def _import_alone(settings: Settings, options: argparse.Namespace) -> int:
    async with furnished(settings) as app, open_door(app) as socket:
        return await _import(socket, options)


async def _import(socket: Path, options: argparse.Namespace) -> int:
    root, report_path = options.folder.resolve(), options.report.resolve()
    async with contextlib.AsyncExitStack() as held:
        line = await held.enter_async_context(open_line(socket, options.institution))
        report = held.enter_context(Report(report_path))
        work = Import(root, line, report, report_path, _sentence, _progress)
        await work.run()
    _progress(report)
    if work.skipped:
        say(N_("{count} files were judged by an earlier run."), count=work.skipped)
    say(N_("Report: {path}"), path=report_path)
    return 0 if set(report.counts) <= GOOD else 1


def _sentence(code: str, facts: Mapping[str, int]) -> str:
    message = SENTENCES.get(f"file-{code}") or SENTENCES.get(code)
    return sentence(message, **facts) if code and message else ""


def _progress(report: Report) -> None:
    counts = report.counts
    say(
        N_("{stored} stored, {known} known already, {others} not taken, {missing} missing"),
        stored=counts["stored"],
        known=counts["known"],
        others=counts["refused"] + counts["conflict"] + counts["failed"],
        missing=counts["missing"],
    )

"""One unit of work from the command line, by the same services as the pages use."""

import asyncio
from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeVar

from consult.db.engine import parse_database_url
from consult.db.unit import make_units
from consult.journal import service as journal
from consult.kernel.keys import load_vault
from consult.kernel.work import SYSTEM, Work
from server.settings import Settings
from server.transactions import read_as, writing

P = ParamSpec("P")
T = TypeVar("T")


def run_unit(
    settings: Settings,
    step: Callable[Concatenate[Work, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Run a step as the system, in a transaction of its own; the caller holds the data folder."""
    units = make_units(
        parse_database_url(settings.database_url),
        vault=load_vault(settings.key_file),
        number=journal.number_entries,
        on_commit=nobody_reads,
    )
    try:
        return units.write(writing(SYSTEM, step, *args, **kwargs)).result()
    finally:
        units.close()


def read_unit(
    settings: Settings,
    step: Callable[Concatenate[Work, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Read as the system, beside a server that may be running."""
    units = make_units(
        parse_database_url(settings.database_url),
        vault=load_vault(settings.key_file),
        number=journal.number_entries,
        on_commit=nobody_reads,
    )
    try:
        return asyncio.run(read_as(units, SYSTEM, step, *args, **kwargs))
    finally:
        units.close()


def nobody_reads() -> None:
    """No page is open while a command holds the data folder."""

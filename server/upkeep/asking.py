"""How the command line asks the running server for a pass: a file that only its own user can make.

The folder of the sockets is open to nobody else, and the server is the one that writes.
"""

from pathlib import Path
from typing import Final

from consult.db.unit import Units
from consult.kernel.work import SYSTEM
from consult.storage import service as storage
from consult.storage.model import PassName
from server.threads import in_thread
from server.transactions import write_as

_WISH: Final = "scrub-now"


def leave_wish(run_dir: Path) -> None:
    """Ask for everything to be read back now."""
    (run_dir / _WISH).touch(mode=0o600)


async def pass_on_wish(units: Units, run_dir: Path) -> None:
    """Have the pass that somebody asked for begin; a wish is forgotten once that is durable."""
    wish = run_dir / _WISH
    if await in_thread(wish.exists):
        await write_as(units, SYSTEM, storage.ask_pass, name=PassName.SCRUB)
        await in_thread(wish.unlink, missing_ok=True)

"""Does the jail stand here: start one, and have one child say behind which walls it is."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from imaging.errors import JailError, JailTimedOutError, JailUnavailableError
from imaging.jail.client import Jail
from server.cli.finding import Finding
from server.i18n import N_

PATIENCE_S: Final = 180.0
_ASKED_EVERY_S: Final = 0.5
JAIL: Final = (sys.executable, "-m", "imaging.jail")


def examine_jail(command: Sequence[str] = JAIL, *, patience_s: float = PATIENCE_S) -> Finding:
    """Tell a jail that is not there from one that a busy machine has not finished yet."""
    until = time.monotonic() + patience_s
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "jail.sock"
        with subprocess.Popen([*command, "--socket", str(place)], stdin=subprocess.PIPE) as worker:  # noqa: S603 - our own program
            jail = Jail(place)
            try:
                return _ask(jail, worker, until)
            except JailError:
                return Finding(is_well=False, message=N_("Images cannot be decoded: no jail here."))
            finally:
                jail.close()
                worker.kill()


def _ask(jail: Jail, worker: "subprocess.Popen[bytes]", until: float) -> Finding:
    while True:
        try:
            layers = jail.run_blocking("ping", {})["layers"]
        except (JailUnavailableError, JailTimedOutError):
            if worker.poll() is not None:  # it gave up: there is none
                raise
            if time.monotonic() > until:
                message = N_(
                    "The jail was started and has not answered: this machine is too busy to tell. "
                    "Look again when it is quieter."
                )
                return Finding(is_well=False, message=message)
            time.sleep(_ASKED_EVERY_S)
        else:
            message = N_("Images are decoded in the jail: {names}.")
            return Finding(is_well=True, message=message, names=", ".join(layers))

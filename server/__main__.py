"""The command `lianzhen`: one verb, one small file under server/cli/."""

import gc
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Final, cast

from consult.kernel.errors import ConsultError
from server.cli.options import reason_of
from server.cli.speech import complain, say, sentence
from server.i18n import N_
from server.pdf.refusals import SEAL_REFUSALS
from server.settings import SettingsRefusedError
from server.supervisor.child import CANNOT_START
from server.tls.sentences import TLS_REFUSALS

VERBS: Final = {
    "serve": N_("serve this installation until a signal ends it"),
    "migrate": N_("bring the database to this release"),
    "seed": N_("fill an empty installation with a fictional consortium"),
    "user": N_("add an administrator, or give somebody a new one-time password"),
    "verify": N_("check journal, signed reports and images against what was written"),
    "scrub": N_("read everything back that is stored, and name what is not whole"),
    "backup": N_("copy the installation into a new folder while it runs"),
    "restore": N_("restore a backup on an empty machine, and verify it"),
    "import": N_("import every DICOM file below a folder, with a report"),
    "cert": N_("make or renew a certificate of the installation's own authority"),
    "publish": N_("write the verification page as plain files for a machine without patients"),
    "doctor": N_("look for what would keep this installation from working"),
    "watch": N_("send what a fundus camera exports to a server, from the computer beside it"),
    "openapi": N_("print the description of the JSON routes"),
}
_INTERNAL: Final = ("web", "dicom", "media")
_FILES: Final = {"import": "importing"}  # a word of the language cannot name a module
_USAGE: Final = 2
_REFUSALS: Final = {
    "data-folder-busy": N_("Another server or command works in this data folder. Stop it first."),
    "key-file-missing": N_(
        "The key file of this installation is missing. Without it nothing can be read: put it back."
    ),
    "key-file-malformed": N_("The key file does not hold a master key."),
    "seal-missing": N_(
        "The key of the seal is missing. Without it no signature can be checked: put it back."
    ),
    "seal-malformed": N_("The file of the seal does not hold the key of a seal."),
    "blobs-away": N_("The store of images cannot be reached."),
    "scrub-stalled": N_("The running server does not read on. See its log."),
    "database-away": N_("The database cannot be reached."),
    "backup-broken": N_("This folder is not a whole backup that this installation's seal made."),
    "backup-file-changed": N_(
        "{file} of this backup is missing or not as it was written. Nothing was restored from it."
    ),
    "backup-restless": N_("Images were removed faster than they could be copied. Try again."),
    "target-taken": N_("Something lies there already. Name an empty place."),
    **SEAL_REFUSALS,
    **TLS_REFUSALS,
    "schema-behind": N_("The database is from another release. Run: lianzhen migrate"),
    "demo-half-seeded": N_(
        "Filling in the demonstration was interrupted. Remove the data folder and start again."
    ),
}


def main() -> None:
    """Run the command line and leave with its code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one verb; 2 for a command that cannot be understood."""
    verb = arguments[0] if arguments else ""
    if verb not in VERBS and verb not in _INTERNAL:
        _explain()
        return 0 if verb in {"-h", "--help"} else _USAGE
    return _run_verb(verb, arguments[1:])


def _run_verb(verb: str, arguments: Sequence[str]) -> int:
    """Only the verb's own file is imported, so that the supervisor stays small."""
    try:
        step = cast("Callable[[Sequence[str]], int]", _load(verb).run)
        return step(arguments)
    except SettingsRefusedError as refused:
        for problem in refused.problems:
            complain(
                "{setting}: {reason}", setting=problem.setting, reason=sentence(reason_of(problem))
            )
        return _USAGE
    except ConsultError as refused:
        if refused.code not in _REFUSALS:
            raise
        complain(_REFUSALS[refused.code], **refused.facts)
        return CANNOT_START


def _load(verb: str) -> ModuleType:
    """Import a verb's file; nobody need look for garbage in it, now or later: it stays."""
    gc.disable()
    try:
        return import_module(f"server.cli.{_FILES.get(verb, verb)}")
    finally:
        gc.freeze()
        gc.enable()


def _explain() -> None:
    say(N_("lianzhen VERB [flags]; each verb explains its flags with --help"))
    for verb, summary in VERBS.items():
        say("  {verb:<8} {summary}", verb=verb, summary=sentence(summary))


if __name__ == "__main__":
    main()

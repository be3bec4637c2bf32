"""`lianzhen verify`: is everything that was written still what was written?"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from consult.journal.anchor import Anchor
from server.cli.options import add_settings, make_parser, read_settings
from server.cli.speech import complain, say, sentence
from server.i18n import N_
from server.verification.copies import parse_head
from server.verification.findings import Findings
from server.verification.opened import opened
from server.verification.sentences import sentence_of
from server.verification.walk import verify

FAULTY: Final = 1
_TELL_EVERY_S: Final = 2.0
_PARTS: Final = {
    "journal": N_("journal"),
    "reports": N_("reports"),
    "images": N_("images"),
}
_MALFORMED: Final = N_("Type the head as 1234-0123456789abcdef, from the foot of a PDF.")
_SEEN: Final = N_(
    "Looked at {lines} journal lines, {anchors} anchors, {reports} signed reports and {images} "
    "stored images."
)


class _Waiting:
    """Tells a person at a terminal how far it is, every few seconds."""

    def __init__(self) -> None:
        self._told_s = time.monotonic()

    def __call__(self, part: str, done: int, total: int) -> None:
        if time.monotonic() - self._told_s < _TELL_EVERY_S:
            return
        self._told_s = time.monotonic()
        complain("{part}: {done} / {total}", part=sentence(_PARTS[part]), done=done, total=total)


def run(arguments: Sequence[str]) -> int:
    """Verify everything; 0 when it is whole, 1 when something is not as it was written."""
    options = _parse(arguments)
    settings = read_settings(options)
    copies, heads = tuple(options.against), tuple(options.head)
    with opened(settings, is_quick=options.quick, copies=copies, heads=heads) as checked:
        findings = verify(checked, progress=_Waiting())
    if options.json:
        json.dump(findings.as_json(), sys.stdout, ensure_ascii=False, indent=2)
        sys.stdout.write("\n")
    else:
        tell(findings)
    return 0 if findings.is_clean else FAULTY


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = make_parser("verify", "Check journal, signed reports and images; changes nothing.")
    parser.add_argument(
        "--quick", action="store_true", help="ask images for presence and size, without reading"
    )
    parser.add_argument("--json", action="store_true", help="print the findings for a machine")
    parser.add_argument(
        "--against",
        "--anchors",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="a copy of anchors.jsonl, or a dossier, that was kept elsewhere; may be given several "
        "times",
    )
    parser.add_argument(
        "--head",
        type=_head,
        action="append",
        default=[],
        metavar="POSITION-HASH",
        help="the journal's head as it stands at the foot of a PDF; may be given several times",
    )
    add_settings(parser)
    return parser.parse_args(arguments)


def _head(text: str) -> Anchor:
    head = parse_head(text)
    if head is None:
        raise argparse.ArgumentTypeError(sentence(_MALFORMED))
    return head


def tell(findings: Findings) -> None:
    """Say what was looked at and what was found."""
    counts = {name: findings.checked.get(name, 0) for name in ("lines", "anchors")}
    counts |= {name: findings.checked.get(name, 0) for name in ("reports", "images")}
    say(_SEEN, **counts)
    if erased := findings.notes.get("words_erased"):
        say(N_("The words of {count} lines were erased; the chain holds."), count=erased)
    if waiting := findings.notes.get("lines_after_anchor"):
        say(N_("{count} lines are newer than the last anchor."), count=waiting)
    if unnamed := findings.notes.get("unnamed_files"):
        say(N_("{count} files are named by no row; the server removes them."), count=unnamed)
    for kind, place in findings.first.items():
        complain(sentence_of(kind), place=place)
        if (count := findings.faults[kind]) > 1:
            complain(N_("  and {count} more of this kind"), count=count - 1)
    if findings.is_clean:
        say(N_("Everything is as it was written."))

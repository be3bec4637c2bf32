"""The network part of docs/conformance.md, from the tables that the code itself goes by."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from pydicom.uid import UID

from imaging.dimse import classes
from imaging.dimse.associate import IMPLEMENTATION_UID, IMPLEMENTATION_VERSION
from imaging.dimse.command import Status
from imaging.dimse.identifier import VRS
from server.dimse.finding import KEYWORDS, UNMATCHED

BEGINS: Final = "<!-- network: python -m server.dimse -->"
ENDS: Final = "<!-- end of network -->"

_NEWER: Final = {"1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression"}
"""Names of PS3.6 table A-1 that pydicom's table lacks, or has once another library is loaded."""
_STATUSES: Final[Sequence[tuple[str, Status, str]]] = (
    ("C-STORE", Status.SUCCESS, "bytes and row are durable; also for a repeat"),
    ("C-STORE", Status.DUPLICATE, "other bytes under this UID are stored; a person compares both"),
    ("C-STORE", Status.OUT_OF_RESOURCES, "too large, no room, or nobody answers now: send again"),
    ("C-STORE", Status.CLASS_MISMATCH, "the data set is another object than the command names"),
    ("C-STORE", Status.NOT_UNDERSTOOD, "refused; Error Comment holds the code of the reason"),
    ("C-STORE", Status.NOT_AUTHORISED, "this title may not send"),
    ("C-FIND, C-GET, C-MOVE", Status.NOT_AUTHORISED, "this title may no longer ask"),
    ("C-FIND", Status.PENDING, "a match"),
    ("C-FIND", Status.OUT_OF_RESOURCES, "more than `most_matches`: ask more narrowly"),
    (
        "C-FIND",
        Status.CLASS_MISMATCH,
        "no level of this model, an impossible date, or a key too long",
    ),
    ("C-GET, C-MOVE", Status.PARTLY_DONE, "some were not sent; Failed SOP Instance UID List"),
    ("C-GET, C-MOVE", Status.NOTHING_SENT, "none was sent"),
    ("C-GET, C-MOVE", Status.MATCHES_NOT_COUNTED, "more than `most_retrieved`"),
    ("C-MOVE", Status.DESTINATION_UNKNOWN, "no such title at the same institution"),
    ("C-FIND, C-GET, C-MOVE", Status.CANCELLED, "C-CANCEL"),
    ("N-ACTION", Status.NO_SUCH_ACTION, "another action than a request for commitment"),
    ("N-ACTION", Status.INVALID_ARGUMENT, "no transaction, or nothing named"),
)


def format_network(config_dir: Path) -> str:
    """The section with its two marks."""
    rules = tomllib.loads((config_dir / "dicom.toml").read_text("utf-8"))
    return "\n".join(
        (
            BEGINS,
            "",
            (
                f"Implementation Class UID `{IMPLEMENTATION_UID}`, version name "
                f"`{IMPLEMENTATION_VERSION}`. Application context 1.2.840.10008.3.1.1.1."
            ),
            "",
            *_services(),
            *_syntaxes(),
            *_keys(),
            *_statuses(),
            *_limits(rules),
            ENDS,
        )
    )


def _services() -> Iterable[str]:
    yield from _table("service", "role", "UID")
    named = [(_name(uid), uid) for uid in sorted(classes.SERVICES)]
    yield from (f"| {name} | {_role(uid)} | `{uid}` |" for name, uid in named)
    yield "| every storage class below `1.2.840.10008.5.1.4.1.1`, and private ones | SCP, SCU |  |"
    yield ""


def _role(uid: str) -> str:
    """A line to a destination is tried by C-ECHO."""
    return "SCP, SCU" if uid == classes.VERIFICATION else "SCP"


def _syntaxes() -> Iterable[str]:
    yield from _table("transfer syntax of objects", "UID")
    yield from (f"| {_name(uid)} | `{uid}` |" for uid in classes.TRANSFER_SYNTAXES)
    yield ""
    told = ", then ".join(_name(uid) for uid in classes.PLAIN)
    yield f"Of an object the peer's first that we know is taken; of all else {told}."
    yield ""


def _keys() -> Iterable[str]:
    yield from _table("key of C-FIND", "tag", "VR", "matched")
    yield from (
        f"| {keyword} | ({tag >> 16:04X},{tag & 0xFFFF:04X}) | {VRS[tag]} "
        f"| {'no' if tag in UNMATCHED else 'yes'} |"
        for tag, keyword in KEYWORDS.items()
    )
    yield ""


def _statuses() -> Iterable[str]:
    yield from _table("answer to", "status", "when")
    yield from (f"| {what} | {status:04X} | {when} |" for what, status, when in _STATUSES)
    yield ""


def _limits(rules: Mapping[str, Any]) -> Iterable[str]:
    yield from _table("bound (config/dicom.toml)", "value")
    words = {"name", "version", "source"}
    yield from (f"| `{key}` | {value} |" for key, value in rules.items() if key not in words)
    yield ""


def _table(*heads: str) -> Iterable[str]:
    yield f"| {' | '.join(heads)} |"
    yield f"|{' --- |' * len(heads)}"


def _name(uid: str) -> str:
    return _NEWER.get(uid) or str(UID(uid).name)

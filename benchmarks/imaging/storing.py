"""What storing costs beside Orthanc: STOW-RS and C-STORE, the answer after bytes and rows are safe.

    python -m benchmarks.imaging.storing [--passes 5] [--objects 60] [--only stow,cstore]

Ours has permission, tenancy, encryption and the journal on, and every process counts: web, the
DICOM door and the jail. What ours does after the answer stands in a column of its own.
"""

import argparse
import subprocess
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.imaging.asking import Connection, share
from benchmarks.imaging.objects import ct, mixed, renewed
from benchmarks.imaging.pair import SENDER, Pair, Server, open_pair
from benchmarks.imaging.table import Compared, compare, print_table
from tests.makers.dicom_house import dcmtk

BAR: Final = 0.5
BOUNDARY: Final = "beside-8d0c1f"
HEADERS: Final = {
    "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
    "Accept": "application/dicom+json",
}
_STORED: Final = {200, 202}
_CONTEXTS: Final = """\
[[TransferSyntaxes]]
[Plain]
TransferSyntax1 = LittleEndianExplicit
[Coded]
TransferSyntax1 = JPEGBaseline
[[PresentationContexts]]
[Ours]
PresentationContext1 = CTImageStorage\\Plain
PresentationContext2 = ComputedRadiographyImageStorage\\Plain
PresentationContext3 = OphthalmicPhotography8BitImageStorage\\Coded
PresentationContext4 = UltrasoundMultiframeImageStorage\\Coded
[[Profiles]]
[Ours]
PresentationContexts = Ours
"""


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--objects", type=int, default=60)
    parser.add_argument("--only", default="stow,cstore")
    chosen = parser.parse_args()
    with open_pair() as pair:
        rows = measure(
            pair, passes=chosen.passes, objects=chosen.objects, only=chosen.only.split(",")
        )
    command = f"python -m benchmarks.imaging.storing --passes {chosen.passes}"
    print_table("Storing beside Orthanc", rows, f"{command} --objects {chosen.objects}")


def measure(pair: Pair, *, passes: int, objects: int, only: Sequence[str]) -> list[Compared]:
    """Every kind of storing, by turns."""
    rows = []
    plain, all_kinds = ct(objects), mixed()
    runs = _Runs()
    if "stow" in only:
        for what, files, each, connections in (
            ("STOW-RS CT, 1 a request, 1 connection", plain, 1, 1),
            ("STOW-RS CT, 1 a request, 8 connections", plain, 1, 8),
            ("STOW-RS CT, 20 a request, 1 connection", plain, 20, 1),
            ("STOW-RS mixed, 20 a request, 1 connection", all_kinds, 20, 1),
        ):
            act = partial(_stow, runs, files, each, connections)
            rows.append(_compare(pair, what, act, passes))
    if "cstore" in only:
        for what, files, associations in (
            ("C-STORE CT, 1 association", plain, 1),
            ("C-STORE CT, 8 associations", plain, 8),
            ("C-STORE mixed, 8 associations", all_kinds, 8),
        ):
            act = partial(_cstore, runs, files, associations)
            rows.append(_compare(pair, what, act, passes))
    return rows


def _compare(pair: Pair, what: str, act: "partial[int]", passes: int) -> Compared:
    return compare(pair, Compared(what, BAR), act, passes=passes, seconds=time.monotonic)


class _Runs:
    """Identities that were not used yet."""

    def __init__(self) -> None:
        self._next = 0

    def renew(self, files: Sequence[bytes]) -> list[bytes]:
        """The files under new identities."""
        self._next += 1
        return [renewed(file, self._next) for file in files]


def _stow(
    runs: _Runs,
    files: Sequence[bytes],
    each: int,
    connections: int,
    server: Server,
    _turn: int,
) -> int:
    new = runs.renew(files)
    bodies = [body_of(new[start : start + each]) for start in range(0, len(new), each)]
    share(server, [partial(store, body) for body in bodies], connections=connections)
    return len(new)


def store(body: bytes, connection: Connection) -> None:
    """Store one body; raises where anything of it was not taken."""
    status, told = connection.ask("POST", "/studies", headers=HEADERS, body=body)
    if status not in _STORED or b"00081197" in told:
        raise RuntimeError(f"not stored: {status} {told[:300]!r}")


def body_of(files: Sequence[bytes]) -> bytes:
    """A multipart body (PS3.18 10.5.1.2.1)."""
    head = f"--{BOUNDARY}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    parts = b"".join(head + file + b"\r\n" for file in files)
    return parts + f"--{BOUNDARY}--\r\n".encode()


def _cstore(
    runs: _Runs, files: Sequence[bytes], associations: int, server: Server, _turn: int
) -> int:
    new = runs.renew(files)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        folder = Path(name)
        (folder / "contexts.cfg").write_text(_CONTEXTS, "utf-8")
        shares: list[list[str]] = [[] for _ in range(associations)]
        for number, file in enumerate(new):
            path = folder / f"{number}.dcm"
            path.write_bytes(file)
            shares[number % associations].append(str(path))
        _send_all(server, folder, shares)
    return len(new)


def _send_all(server: Server, folder: Path, shares: Sequence[Sequence[str]]) -> None:
    """One storescu of dcmtk an association."""
    names = ["-aet", SENDER, "-aec", server.title]
    command = [dcmtk("storescu"), *names, "-xf", str(folder / "contexts.cfg"), "Ours"]
    place = ["127.0.0.1", str(server.dicom_port)]
    senders = [
        subprocess.Popen(
            [*command, *place, *share_of], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        for share_of in shares
    ]
    for sender in senders:
        output, _ = sender.communicate()
        if sender.returncode:
            raise RuntimeError(f"not stored: {output[-300:]!r}")


if __name__ == "__main__":
    main()

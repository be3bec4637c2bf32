"""What filing one more object and searching cost when the index holds a thousand, and a million.

    python -m benchmarks.imaging.growth [--rows 1000,10000,100000,1000000]

The index is filled by a program with studies of four objects. Filing is the unit alone: permission
to be there, rows, index and journal, COMMIT and fsync on SQLite; the bytes cost the same however
many there are. Searches go through the door of the running house, as a machine asks them.
"""

import argparse
import itertools
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Final

from benchmarks.imaging.archive import day_of, number_of
from benchmarks.imaging.asking import Connection
from benchmarks.imaging.filling import fill
from benchmarks.imaging.objects import ct
from benchmarks.imaging.pair import OURS, Server, let_in_machine
from benchmarks.imaging.spent import spent_s, wait_until_calm
from benchmarks.load import Row, report
from benchmarks.town import Town, open_town
from consult.blobs.store import BlobRef
from consult.kernel.ids import InstitutionId, new_id
from consult.kernel.work import Actor
from consult.studies import receipt
from consult.studies.index.model import Indexed
from consult.studies.model import Part, Received
from imaging.glance import glance
from server.intake.file import captured_of, describe_dicom, uids_of
from server.transactions import writing
from tests.makers.world import CODES
from tests.makers.world_people import Side

_UNITS: Final = 200
_SEARCHES: Final = 120
_A_STUDY: Final = 4
_PARTS: Final = 3
_MOST_TIMES: Final = 2.0
_JSON: Final = {"Accept": "application/dicom+json"}


@dataclass
class Line:
    """One kind of work, at each size: milliseconds of processor, and of waiting."""

    what: str
    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)

    def rows(self, stages: Sequence[int]) -> list[Row]:
        """At each size, held against the first."""
        most = _MOST_TIMES * self.cpu_ms[0]
        return [
            Row(
                f"{self.what}, {stage:,} objects",
                f"{cpu:.2f} ms CPU, {wall:.1f} ms",
                f"≤ {_MOST_TIMES:.0f} × the first",
                cpu <= most,
            )
            for stage, cpu, wall in zip(stages, self.cpu_ms, self.wall_ms, strict=True)
        ]


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="1000,10000,100000,1000000")
    chosen = parser.parse_args()
    stages = [int(each) for each in chosen.rows.split(",")]
    with open_town() as town:
        lines = measure(town, stages)
    report("As the index grows", [row for line in lines for row in line.rows(stages)])


def measure(town: Town, stages: Sequence[int]) -> list[Line]:
    """The same at each size."""
    filer, searcher = _Filer(town), _Searcher(town)
    kinds = {
        "filing one more": Line("one object filed"),
        "PatientID": Line("search for one patient's number"),
        "StudyDate": Line("25 studies of a day"),
        "newest": Line("the 25 newest"),
    }
    filled = 0
    for wanted in stages:
        began = time.monotonic()
        studies = wanted // _A_STUDY
        place = town.world.places[Side.HOME]
        told = {"pictures": _A_STUDY, "parts": _PARTS}
        fill(town.world, institution_id=place, start=filled, stop=studies, **told)
        filled = studies
        took = time.monotonic() - began
        print(f"{wanted:,} objects after {took:.0f} s of filling", file=sys.stderr, flush=True)
        wait_until_calm(town.house.process.pid)
        _note(kinds["filing one more"], filer.file_some())
        for key, queries in _queries(studies).items():
            _note(kinds[key], searcher.ask(queries))
    return list(kinds.values())


def _note(line: Line, figures: tuple[float, float]) -> None:
    line.cpu_ms.append(figures[0])
    line.wall_ms.append(figures[1])


def _queries(studies: int) -> dict[str, list[str]]:
    """What is searched, spread over all studies."""
    picked = [(number * 7919) % studies for number in range(_SEARCHES)]
    return {
        "PatientID": [f"PatientID={number_of(each)}" for each in picked],
        "StudyDate": [f"StudyDate={day_of(each)}&limit=25" for each in picked],
        "newest": ["limit=25"] * _SEARCHES,
    }


class _Searcher:
    """A machine that asks one question after the other."""

    def __init__(self, town: Town) -> None:
        root = f"/dicomweb/{CODES[Side.HOME]}"
        house = town.house
        self._pid = house.process.pid
        token = let_in_machine(town.world)
        self._server = Server(OURS, self._pid, house.port, root, token, 0, "")

    def ask(self, queries: Sequence[str]) -> tuple[float, float]:
        """Processor milliseconds of all processes a question, and the median of waiting."""
        connection = Connection(self._server)
        self._ask(connection, queries[0])
        wait_until_calm(self._pid)
        before, waited = spent_s(self._pid), []
        for each in queries:
            started = time.monotonic()
            self._ask(connection, each)
            waited.append((time.monotonic() - started) * 1000)
        spent = spent_s(self._pid) - before
        connection.close()
        return spent * 1000 / len(queries), statistics.median(waited)

    def _ask(self, connection: Connection, query: str) -> None:
        status, told = connection.ask("GET", f"/studies?{query}", headers=_JSON)
        if status != HTTPStatus.OK or b"0020000D" not in told:
            raise RuntimeError(f"nothing found: {status} {query}")


class _Filer:
    """Files as the doors do."""

    def __init__(self, town: Town) -> None:
        self._units = town.world.clinic.units
        self._institution = InstitutionId(town.world.places[Side.HOME])
        self._actor = Actor(None, self._institution, machine_id="bench", session_id="machine:bench")
        self._numbers = itertools.count(1)
        seen = glance(ct(1)[0][: 1 << 16], total_bytes=1 << 40)
        if seen is None:
            raise LookupError("no ordinary object")
        facts = seen.facts
        captured = captured_of(facts, zone="Asia/Shanghai")
        description = describe_dicom(facts, captured, None)
        self._sample = Received(uids_of(facts), "0" * 64, description, {}, Indexed(seen.index))

    def file_some(self) -> tuple[float, float]:
        """Processor and wall milliseconds an object, one a unit."""
        waiting = [self._next() for _ in range(_UNITS)]
        cpu_s, wall_s = time.process_time(), time.monotonic()
        for each in waiting:
            self._units.write(
                writing(
                    self._actor,
                    receipt.receive_all,
                    [each],
                    institution_id=self._institution,
                    way="stow",
                    source="bench",
                )
            ).result()
        spent = time.process_time() - cpu_s, time.monotonic() - wall_s
        return spent[0] * 1000 / _UNITS, spent[1] * 1000 / _UNITS

    def _next(self) -> Received:
        uid = f"{self._sample.uids.sop_instance_uid}.{next(self._numbers)}"
        blob = BlobRef(f"{self._institution}/{new_id()}", 1, "0" * 64, bytes(60))
        uids = replace(self._sample.uids, sop_instance_uid=uid)
        return replace(self._sample, uids=uids, blobs={Part.ORIGINAL: blob})


if __name__ == "__main__":
    main()

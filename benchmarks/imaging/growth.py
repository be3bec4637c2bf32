"""What filing one more object costs when the index holds a thousand, and when it holds a million.

    python -m benchmarks.imaging.growth [--rows 1000,10000,100000,1000000]

The index is filled by a program. What is measured is the unit that files: permission to be there,
rows, index and journal, COMMIT and fsync on SQLite; the bytes cost the same however many there are.
"""

import argparse
import itertools
import time
from dataclasses import replace
from typing import Final

from sqlalchemy import insert
from sqlalchemy.orm import Session

from benchmarks.imaging.objects import ct
from benchmarks.load import Row, report
from benchmarks.town import Town, open_town
from consult.blobs.store import BlobRef
from consult.db.base import table_of
from consult.kernel.ids import InstitutionId, new_id
from consult.kernel.work import Actor, Work
from consult.studies import receipt
from consult.studies.index.model import Indexed
from consult.studies.index.tables import InstanceIndexRow
from consult.studies.model import NOBODY_YET, Part, Received
from consult.studies.store_many import blob_rows_of, row_of, save_instances
from consult.studies.tables import SeriesRow, StudyRow
from imaging.glance import glance
from server.intake_file import captured_of, describe_dicom, uids_of
from server.transactions import writing
from tests.makers.world_people import Side

_UNITS: Final = 200
_A_SERIES: Final = 500
_MOST_TIMES: Final = 2.0


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", default="1000,10000,100000,1000000")
    chosen = parser.parse_args()
    with open_town() as town:
        rows = measure(town, [int(each) for each in chosen.rows.split(",")])
    report("One more object as the index grows", rows)


def measure(town: Town, stages: list[int]) -> list[Row]:
    """The same at each size."""
    filer, rows, first_ms = _Filer(town), [], 0.0
    for wanted in stages:
        filer.fill(wanted)
        cpu_ms, wall_ms = filer.file_some()
        first_ms = first_ms or cpu_ms
        held = cpu_ms <= _MOST_TIMES * first_ms
        what = f"one object into an index of {wanted:,}"
        figure = f"{cpu_ms:.2f} ms CPU, {wall_ms:.1f} ms"
        rows.append(Row(what, figure, f"≤ {_MOST_TIMES:.0f} × the first", held))
    return rows


class _Filer:
    """Writes rows past the doors, and files as the doors do."""

    def __init__(self, town: Town) -> None:
        self._units = town.world.clinic.units
        self._institution = InstitutionId(town.world.places[Side.HOME])
        self._actor = Actor(None, self._institution, machine_id="bench", session_id="machine:bench")
        self._numbers = itertools.count(1)
        self._filled = 0
        seen = glance(ct(1)[0][: 1 << 16], total_bytes=1 << 40)
        if seen is None:
            raise LookupError("no ordinary object")
        facts = seen.facts
        captured = captured_of(facts, zone="Asia/Shanghai")
        description = describe_dicom(facts, captured, None)
        self._sample = Received(uids_of(facts), "0" * 64, description, {}, Indexed(seen.index))

    def fill(self, wanted: int) -> None:
        """Until there are so many."""
        while self._filled < wanted:
            count = min(_A_SERIES, wanted - self._filled)
            self._units.write(writing(self._actor, self._add_series, count)).result()
            self._filled += count

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

    def _add_series(self, work: Work, count: int) -> None:
        session: Session = work.session
        study, series = new_id(), new_id()
        session.add(
            StudyRow(
                id=study,
                institution_id=self._institution,
                patient_id=NOBODY_YET,
                study_instance_uid=f"2.25.{int(study, 16)}",
                created_at=work.now,
            )
        )
        session.flush()
        uid = f"2.25.{int(series, 16)}"
        session.add(SeriesRow(id=series, study_id=study, series_instance_uid=uid, modality="CT"))
        session.flush()
        new = [(new_id(), self._next()) for _ in range(count)]
        save_instances(
            session,
            [
                row_of(each, work.vault, of=(key, self._institution, series), at=work.now)
                for key, each in new
            ],
            [row for key, each in new for row in blob_rows_of(key, each.blobs)],
        )
        told = {"made_from": "bench", "number": 1, "bits": 16, "told_sealed": bytes(400)}
        session.execute(
            insert(table_of(InstanceIndexRow)), [{"instance_id": key, **told} for key, _ in new]
        )


if __name__ == "__main__":
    main()

"""An index filled by a program: the rows of a large archive, past the doors and without objects.

The tables are the real ones with every index. The filling does not wait for the disk, whoever asks
or files afterwards does; the journal has no lines of it.
"""

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import URL, Connection, create_engine, insert

from benchmarks.imaging.archive import SMALL_CLASS, accession_of, day_of, name_of, number_of, uid_of
from consult.access.model import ObjectType, Party
from consult.access.tables import CustodyRow
from consult.db.base import Base, table_of
from consult.kernel.ids import new_id
from consult.kernel.keys import Vault
from consult.kernel.work import Work
from consult.studies.index.names import name_groups, name_words
from consult.studies.index.service import (
    INSTANCE_PURPOSE,
    NUMBER_PURPOSE,
    SERIES_PURPOSE,
    STUDY_PURPOSE,
)
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.model import NOBODY_YET, CapturedSource, Likeness, Origin, Part
from consult.studies.tables import InstanceBlobRow, InstanceRow, SeriesRow, StudyRow
from tests.makers.world import World

_STUDIES_AT_ONCE: Final = 1000
_PATIENCE_S: Final = 120
_OTHER: Final = {
    "copy_number": 0,
    "sop_class_uid": SMALL_CLASS,
    "transfer_syntax_uid": "1.2.840.10008.1.2.1",
    "origin": Origin.DICOM,
    "frames": 1,
    "captured_source": CapturedSource.UNKNOWN,
    "captured_zone": "",
    "likeness": Likeness.UNCERTAIN,
}
Values = dict[str, Any]
Rows = dict[type[Base], list[Values]]


def fill(
    world: World, *, institution_id: str, start: int, stop: int, pictures: int = 1, parts: int = 0
) -> None:
    """Write the small studies of these numbers, of so many objects with so many stored parts each.

    Parts that no store holds cost what rows cost; whoever reads them finds nothing.
    """
    maker = world.now.system(_maker_of, institution_id=institution_id)
    engine = create_engine(world.now.system(_url_of), connect_args={"timeout": _PATIENCE_S})
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous=OFF")
        connection.commit()
        for first in range(start, stop, _STUDIES_AT_ONCE):
            rows: Rows = {}
            for number in range(first, min(first + _STUDIES_AT_ONCE, stop)):
                for kind, values in maker.rows_of(number, pictures, parts):
                    rows.setdefault(kind, []).append(values)
            _write(connection, rows)
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _write(connection: Connection, rows: Rows) -> None:
    with connection.begin():
        for kind, values in rows.items():
            connection.execute(insert(table_of(kind)), values)


def _url_of(work: Work) -> URL:
    return work.session.get_bind().engine.url


def _maker_of(work: Work, *, institution_id: str) -> "_Maker":
    return _Maker(work.vault, work.now, institution_id)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the rows of a study."""

    vault: Vault
    now: datetime
    institution_id: str

    def rows_of(
        self, number: int, pictures: int, parts: int
    ) -> Iterator[tuple[type[Base], Values]]:
        """Study, series and objects in the order in which they refer to each other."""
        study, series, uid = new_id(), new_id(), uid_of(number)
        held = {"institution_id": self.institution_id}
        about = {"patient_id": NOBODY_YET, "study_instance_uid": uid, "created_at": self.now}
        yield StudyRow, {"id": study, **held, **about}
        yield CustodyRow, self._custody(study)
        series_uid = f"{uid}.1"
        told = {"id": series, "study_id": study, "series_instance_uid": series_uid}
        yield SeriesRow, told | {"modality": "CT"}
        yield StudyIndexRow, {"study_id": study, **held, **self._study_index(number)}
        yield SeriesIndexRow, self._series_index(series)
        for place in range(1, pictures + 1):
            yield from self._object_rows(series, f"{series_uid}.{place}", place, parts)

    def _custody(self, study: str) -> Values:
        return {
            "object_type": ObjectType.STUDY,
            "object_id": study,
            "custodian_type": Party.INSTITUTION,
            "custodian_id": self.institution_id,
        }

    def _object_rows(
        self, series: str, uid: str, place: int, parts: int
    ) -> Iterator[tuple[type[Base], Values]]:
        instance = new_id()
        named = {"id": instance, "institution_id": self.institution_id, "series_id": series}
        # no two objects have the same bytes
        own = {"sop_instance_uid": uid, "source_sha256": f"{instance}{instance}"}
        yield InstanceRow, {**named, **own, **_OTHER, "received_at": self.now}
        keys = [f"{self.institution_id}/{new_id()}" for _ in range(max(parts, 1))]
        told = {"00080016": _one("UI", SMALL_CLASS), "00080018": _one("UI", uid)}
        yield (
            InstanceIndexRow,
            {
                "instance_id": instance,
                "made_from": keys[0],
                "number": place,
                "bits": 16,
                "told_sealed": self._sealed(told, INSTANCE_PURPOSE),
            },
        )
        for part, key in itertools.islice(zip(Part, keys, strict=False), parts):
            yield (
                InstanceBlobRow,
                {
                    "instance_id": instance,
                    "part": part,
                    "key": key,
                    "size_bytes": 1,
                    "sha256": "0" * 64,
                    "wrapped_key": bytes(60),
                },
            )

    def _series_index(self, series: str) -> Values:
        return {
            "series_id": series,
            "number": 1,
            "description": "",
            "started_date": "",
            "started_time": "",
            "told_sealed": self._sealed({"00200011": _one("IS", 1)}, SERIES_PURPOSE),
            "told_hash": "",
        }

    def _study_index(self, number: int) -> Values:
        name, patient = name_of(number), number_of(number)
        told = {
            "00080020": _one("DA", day_of(number)),
            "00080030": _one("TM", "101500"),
            "00080050": _one("SH", accession_of(number)),
            "00081030": _one("LO", "small"),
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": name}]},
            "00100020": _one("LO", patient),
            "00100030": _one("DA", "19500101"),
            "00100040": _one("CS", "F"),
            "0020000D": _one("UI", uid_of(number)),
            "00200010": _one("SH", "1"),
        }
        return {
            "study_date": day_of(number),
            "study_time": "101500",
            "accession": accession_of(number),
            "study_number": "1",
            "description": "small",
            "referring": "==",
            "person": name_groups(name),
            "name_keys": f" {' '.join(name_words(name))} ",
            "patient_number": patient,
            "patient_hash": self.vault.blind(patient, purpose=NUMBER_PURPOSE),
            "birth_date": "19500101",
            "sex": "F",
            "told_sealed": self._sealed(told, STUDY_PURPOSE),
            "told_hash": "",
        }

    def _sealed(self, told: Values, purpose: str) -> bytes:
        return self.vault.seal(json.dumps(told, separators=(",", ":")), purpose=purpose)


def _one(vr: str, value: str | int) -> Values:
    return {"vr": vr, "Value": [value]}

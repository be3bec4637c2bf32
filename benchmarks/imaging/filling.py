"""An index filled by a program: what a search of a large archive needs, and nothing else."""

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import insert

from benchmarks.imaging.archive import SMALL_CLASS, accession_of, day_of, name_of, number_of, uid_of
from consult.access.model import ObjectType, Party
from consult.access.tables import CustodyRow
from consult.db.base import Base
from consult.kernel.ids import new_id
from consult.kernel.work import Work
from consult.studies.index.names import name_groups, name_words
from consult.studies.index.service import (
    INSTANCE_PURPOSE,
    NUMBER_PURPOSE,
    SERIES_PURPOSE,
    STUDY_PURPOSE,
)
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.model import CapturedSource, Likeness, Origin
from consult.studies.tables import InstanceRow, SeriesRow, StudyRow
from tests.makers.world import World

_AT_ONCE: Final = 1000
Rows = dict[type[Base], list[dict[str, Any]]]


def fill(world: World, *, institution_id: str, start: int, stop: int) -> None:
    """Write the small studies of these numbers into the index, without objects."""
    for first in range(start, stop, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, stop))
        world.now.system(_write, institution_id=institution_id, numbers=numbers)


def _write(work: Work, *, institution_id: str, numbers: range) -> None:
    rows: Rows = {}
    for number in numbers:
        for kind, values in _rows_of(work, institution_id, number):
            rows.setdefault(kind, []).append(values)
    for kind, values in rows.items():
        work.session.execute(insert(kind), values)


def _rows_of(
    work: Work, institution_id: str, number: int
) -> Iterator[tuple[type[Base], dict[str, Any]]]:
    study, series, instance = new_id(), new_id(), new_id()
    held = {"institution_id": institution_id}
    uid = uid_of(number)
    yield (
        StudyRow,
        held | {"id": study, "patient_id": "", "study_instance_uid": uid, "created_at": work.now},
    )
    yield (
        CustodyRow,
        {
            "object_type": ObjectType.STUDY,
            "object_id": study,
            "custodian_type": Party.INSTITUTION,
            "custodian_id": institution_id,
        },
    )
    yield (
        SeriesRow,
        {"id": series, "study_id": study, "series_instance_uid": f"{uid}.1", "modality": "CT"},
    )
    yield InstanceRow, held | {"id": instance, "series_id": series} | _object(work, uid)
    yield StudyIndexRow, held | {"study_id": study} | _study_index(work, number)
    yield (
        SeriesIndexRow,
        {
            "series_id": series,
            "number": 1,
            "description": "",
            "started_date": "",
            "started_time": "",
            "told_sealed": _sealed(work, {"00200011": _one("IS", 1)}, SERIES_PURPOSE),
            "told_hash": "",
        },
    )
    told = {"00080016": _one("UI", SMALL_CLASS), "00080018": _one("UI", f"{uid}.1.1")}
    yield (
        InstanceIndexRow,
        {
            "instance_id": instance,
            "made_from": "",
            "number": 1,
            "bits": None,
            "told_sealed": _sealed(work, told, INSTANCE_PURPOSE),
            "metadata_sealed": None,
            "places": None,
        },
    )


def _object(work: Work, uid: str) -> dict[str, Any]:
    return {
        "sop_instance_uid": f"{uid}.1.1",
        "copy_number": 0,
        "sop_class_uid": SMALL_CLASS,
        "transfer_syntax_uid": "1.2.840.10008.1.2.1",
        "origin": Origin.DICOM,
        "source_sha256": "",
        "frames": 1,
        "captured_source": CapturedSource.UNKNOWN,
        "captured_zone": "",
        "likeness": Likeness.UNCERTAIN,
        "received_at": work.now,
    }


def _study_index(work: Work, number: int) -> dict[str, Any]:
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
        "patient_hash": work.vault.blind(patient, purpose=NUMBER_PURPOSE),
        "birth_date": "19500101",
        "sex": "F",
        "told_sealed": _sealed(work, told, STUDY_PURPOSE),
        "told_hash": "",
    }


def _one(vr: str, value: str | int) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


def _sealed(work: Work, told: dict[str, Any], purpose: str) -> bytes:
    return work.vault.seal(json.dumps(told, separators=(",", ":")), purpose=purpose)

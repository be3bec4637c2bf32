"""Keeping the index: what an object says of itself is written in the unit that files it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from consult.jobs import service as jobs
from consult.kernel.work import Work
from consult.studies.index import store
from consult.studies.index.model import (
    Attributes,
    Indexed,
    Place,
    instance_attributes,
    number_in,
    series_attributes,
    study_attributes,
    text_in,
)
from consult.studies.index.names import folded, name_groups, name_words
from consult.studies.index.tables import InstanceIndexRow, SeriesIndexRow, StudyIndexRow
from consult.studies.model import Instance
from imaging.index import INSTANCE, SERIES, STUDY

DESCRIBE: Final = "describe_instance"
STUDY_PURPOSE: Final = "index.study"
SERIES_PURPOSE: Final = "index.series"
INSTANCE_PURPOSE: Final = "index.instance"
METADATA_PURPOSE: Final = "index.metadata"
NUMBER_PURPOSE: Final = "index.patient_number"

_LONGEST_KEYS: Final = 4000
# A citizen's number (GB 11643) is sealed like every other; it is found by the whole number alone.
_CITIZEN_NUMBER: Final = re.compile(r"[1-9][0-9]{16}[0-9Xx]|[1-9][0-9]{14}")


def want_index(work: Work, instance_id: str) -> None:
    """Have a stored object described, after the commit."""
    jobs.queue_job(work, DESCRIBE, {"instance_id": instance_id})


def keep_index(work: Work, instance_id: str, indexed: Indexed, *, made_from: str) -> None:
    """Write what an object says; an instance that is gone by now is left out."""
    place = store.find_place(work.session, instance_id)
    if place is None:
        return
    _, series, study = place
    told = indexed.attributes
    _renew_study(work, study.id, study.institution_id, study_attributes(told))
    was = store.find_series_hash(work.session, series.id)
    _keep_series(work, series.id, series_attributes(told), was=was)
    row = InstanceIndexRow(**_row_of(work, instance_id, indexed, made_from))
    store.save(work.session, row)


@dataclass(frozen=True, slots=True)
class NewlyFiled:
    """An object whose row was written in this unit, and where."""

    instance_id: str
    place: Place
    institution_id: str
    made_from: str
    indexed: Indexed


def keep_new(work: Work, filed: Sequence[NewlyFiled]) -> None:
    """Write what these objects say: of a study and a series once, where they say the same."""
    kept: dict[str, tuple[Attributes | None, str | None]] = {}
    for each in filed:
        told, place = each.indexed.attributes, each.place
        study, series = study_attributes(told), series_attributes(told)
        before, was = kept.get(place.study_id, (None, place.study_told))
        if before != study:
            now = _keep_study(work, place.study_id, each.institution_id, study, was=was)
            kept[place.study_id] = study, now
        before, was = kept.get(place.series_id, (None, place.series_told))
        if before != series:
            now = _keep_series(work, place.series_id, series, was=was)
            kept[place.series_id] = series, now
    rows = [_row_of(work, each.instance_id, each.indexed, each.made_from) for each in filed]
    store.save_new(work.session, rows)


def list_missing(work: Work, *, limit: int) -> list[str]:
    """Stored objects of which nothing is known: from before the index."""
    return store.list_missing(work.session, limit=limit)


def note_unreadable(work: Work, instance_id: str, *, made_from: str) -> None:
    """The stored bytes say nothing: it is not searched, and not asked again until they change."""
    if store.find_place(work.session, instance_id) is None:
        return
    told = _sealed(work, {}, INSTANCE_PURPOSE)
    row = InstanceIndexRow(instance_id=instance_id, made_from=made_from, told_sealed=told)
    store.save(work.session, row)


def copy_index(work: Work, instance: Instance, *, series_id: str) -> None:
    """An instance was filed elsewhere: what is known of its study and series goes along."""
    place = store.find_place(work.session, instance.id)
    known = store.find_study(work.session, instance.study_id)
    if place is None or known is None:
        want_index(work, instance.id)
        return
    told = json.loads(work.vault.open(known.told_sealed, purpose=STUDY_PURPOSE))
    _renew_study(work, place[2].id, place[2].institution_id, told)
    if store.find_series(work.session, series_id) is None:
        want_index(work, instance.id)


def _renew_study(work: Work, study_id: str, institution_id: str, told: Attributes) -> None:
    was = store.find_study_hash(work.session, study_id)
    _keep_study(work, study_id, institution_id, told, was=was)


def _keep_study(
    work: Work, study_id: str, institution_id: str, told: Attributes, *, was: str | None
) -> str:
    """Write what is known of a study where it is not what was; its likeness."""
    told_hash = _hash(work, told)
    if was == told_hash:
        return told_hash
    texts = {keyword: text_in(told, tag) for keyword, tag in STUDY.items()}
    number = texts["PatientID"]
    keys = " ".join(name_words(texts["PatientName"]))
    row = StudyIndexRow(
        study_id=study_id,
        institution_id=institution_id,
        study_date=texts["StudyDate"][:8],
        study_time=texts["StudyTime"][:16],
        accession=texts["AccessionNumber"][:64],
        study_number=texts["StudyID"][:64],
        description=folded(texts["StudyDescription"])[:256],
        referring=name_groups(texts["ReferringPhysicianName"])[:256],
        person=name_groups(texts["PatientName"])[:256],
        name_keys=f" {keys} "[:_LONGEST_KEYS],
        patient_number="" if _CITIZEN_NUMBER.fullmatch(number) else number[:64],
        patient_hash=work.vault.blind(number, purpose=NUMBER_PURPOSE),
        birth_date=texts["PatientBirthDate"][:8],
        sex=texts["PatientSex"][:16],
        told_sealed=_sealed(work, told, STUDY_PURPOSE),
        told_hash=told_hash,
    )
    store.save(work.session, row)
    return told_hash


def _keep_series(work: Work, series_id: str, told: Attributes, *, was: str | None) -> str:
    told_hash = _hash(work, told)
    if was == told_hash:
        return told_hash
    row = SeriesIndexRow(
        series_id=series_id,
        number=number_in(told, SERIES["SeriesNumber"]),
        description=folded(text_in(told, SERIES["SeriesDescription"]))[:256],
        started_date=text_in(told, SERIES["PerformedProcedureStepStartDate"])[:8],
        started_time=text_in(told, SERIES["PerformedProcedureStepStartTime"])[:16],
        told_sealed=_sealed(work, told, SERIES_PURPOSE),
        told_hash=told_hash,
    )
    store.save(work.session, row)
    return told_hash


def _row_of(work: Work, instance_id: str, indexed: Indexed, made_from: str) -> dict[str, Any]:
    told, packed = indexed.attributes, indexed.metadata
    sealed = None
    if packed is not None:
        sealed = work.vault.seal_bytes(packed, purpose=METADATA_PURPOSE)
    return {
        "instance_id": instance_id,
        "made_from": made_from,
        "number": number_in(told, INSTANCE["InstanceNumber"]),
        "bits": number_in(told, INSTANCE["BitsAllocated"]),
        "told_sealed": _sealed(work, instance_attributes(told), INSTANCE_PURPOSE),
        "metadata_sealed": sealed,
        "places": indexed.places,
    }


def _sealed(work: Work, told: Mapping[str, Any], purpose: str) -> bytes:
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return work.vault.seal(text, purpose=purpose)


def _hash(work: Work, told: Attributes) -> str:
    return work.vault.blind(json.dumps(told, sort_keys=True), purpose="index.told")

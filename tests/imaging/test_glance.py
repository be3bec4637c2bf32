"""What a glance at the head says is what the jail says; whatever else is written is left to it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset

from imaging.glance import glance
from imaging.header import identity_of, read_attributes, read_header
from imaging.jail.dicomweb import receive
from imaging.jail.params import Params
from imaging.metadata import searched, to_json
from imaging.survey import survey
from imaging.walk import HEAD_BYTES
from tests.makers.dicomweb import make_sample, written

_FILED = (
    "sop_class_uid",
    "sop_instance_uid",
    "study_instance_uid",
    "series_instance_uid",
    "transfer_syntax_uid",
    "modality",
    "rows",
    "columns",
    "frames",
    "patient_name",
    "patient_id",
    "image_laterality",
    "captured_at",
    "captured_source",
    "captured_offset",
)


def _told_by_the_jail(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    descriptor = os.open(path, os.O_RDONLY)
    outputs = [os.memfd_create("test") for _ in range(3)]
    try:
        told = receive(Params({"no_picture": "undecodable"}), [descriptor], outputs)
    finally:
        for each in (descriptor, *outputs):
            os.close(each)
    return {name: told["facts"][name] for name in _FILED}, told["index"]

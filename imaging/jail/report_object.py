"""The job `report_object`: one object of a signed report, made from a plan."""

import os
from typing import Any

from pydicom.dataset import Dataset

from imaging.fundus.wrap import save
from imaging.jail.params import Params
from imaging.lenient import leniently
from imaging.report_objects.measured import make_measured
from imaging.report_objects.model import Measured, Plan, Presented, Selected
from imaging.report_objects.papered import make_papered
from imaging.report_objects.presented import make_presented
from imaging.report_objects.selected import make_selected
from imaging.report_objects.told import read_plan


def make_report_object(_params: Params, inputs: list[int], outputs: list[int]) -> dict[str, Any]:
    """Write the object of a plan; the second input is the PDF, or the pictures' colour profile.

    Raises RefusedError: the first input is no plan.
    """
    plan, beside = read_plan(_read(inputs[0])), _read(inputs[1])
    with leniently():
        made = _make(plan, beside)
    save(made, output=outputs[0])
    return {}


def _make(plan: Plan, beside: bytes) -> Dataset:
    if isinstance(plan, Measured):
        return make_measured(plan)
    if isinstance(plan, Presented):
        return make_presented(plan, beside)
    if isinstance(plan, Selected):
        return make_selected(plan)
    return make_papered(plan, beside)


def _read(descriptor: int) -> bytes:
    return os.pread(descriptor, os.fstat(descriptor).st_size, 0)

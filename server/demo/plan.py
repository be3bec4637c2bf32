"""From config/demo.toml to everything the demonstration contains; no I/O, no clock."""

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from consult.kernel.rules import MalformedRulesError, RuleTable
from server.demo.cases import CaseMaker
from server.demo.clinics import plan_clinics
from server.demo.model import DemoPlan, Tier
from server.demo.patients import PatientMaker
from server.demo.people import (
    plan_agreements,
    plan_consortium,
    plan_institutions,
    plan_panels,
    plan_practitioners,
)

_TABLES = (
    "version", "seed", "sizes", "sign_in", "numbers", "preset", "institutions", "consortium",
    "panels", "agreements", "people", "names", "patients", "clinics", "phrases", "cases",
)  # fmt: skip
_SMALLEST_IMAGE_PX = 64
PACKAGED = Path(__file__).parents[2] / "config" / "demo.toml"


def read_demo(packaged: str, chosen: str | None = None) -> Mapping[str, Any]:
    """The demo file of the package, with the tables of the operator's file before it.

    Raises MalformedRulesError for a file that is no TOML or has an unknown table.
    """
    demo = _read(packaged)
    if chosen is None:
        return demo
    over = _read(chosen)
    sizes = dict(RuleTable(demo).table("sizes").values)
    if "sizes" in over:
        sizes.update(RuleTable(over).table("sizes").values)
    return {**demo, **over, "sizes": sizes}


def plan_from(chosen: Path, *, now: datetime) -> DemoPlan:
    """The plan by the operator's file; raises OSError where it cannot be read."""
    packaged = PACKAGED.read_text(encoding="utf-8")
    return make_plan(read_demo(packaged, chosen.read_text(encoding="utf-8")), now=now)


def make_plan(demo: Mapping[str, Any], *, now: datetime) -> DemoPlan:
    """The plan: the same for the same file and moment; people and numbers do not depend on `now`.

    Raises MalformedRulesError naming the key that is wrong.
    """
    table = RuleTable(demo)
    table.only(*_TABLES)
    seed, sizes = table.whole("seed"), table.table("sizes")
    local = now.astimezone(ZoneInfo(table.table("numbers").text("zone")))
    # Fiction: nothing secret hangs on these numbers, and they must come out the same again.
    maker = PatientMaker(table, Random(seed))  # noqa: S311 - see the line above
    practitioners, clinics = plan_practitioners(table), plan_clinics(table, now=local)
    institutions = plan_institutions(table)
    known = {patient.key: patient for patient in maker.make_named()}
    cases = CaseMaker(table, local, maker, practitioners, clinics, known).make_all()
    for institution in institutions:
        if institution.tier is Tier.COMMUNITY:
            for number in range(sizes.whole("patients_without_case")):
                key = f"{institution.code}-{number + 1}"
                known[key] = maker.make_any(key=key, institution=institution.code)
    return DemoPlan(
        seed=seed,
        image_px=sizes.whole("image_px", lowest=_SMALLEST_IMAGE_PX),
        claims_last=timedelta(days=sizes.whole("claim_days")),
        foreign_image_note=table.table("preset").text("foreign_image_note"),
        institutions=institutions,
        consortium=plan_consortium(table),
        panels=plan_panels(table),
        agreements=plan_agreements(table, today=local.date()),
        practitioners=practitioners,
        patients=tuple(known.values()),
        clinics=clinics,
        cases=cases,
    )


def _read(text: str) -> Mapping[str, Any]:
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MalformedRulesError("", str(error)) from error
    RuleTable(values).only(*_TABLES)
    return values

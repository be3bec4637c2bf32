"""The photographs of a planned case: what is drawn of each eye, in which field, and when."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from consult.cases.protocol import FieldCode
from consult.kernel.eyes import Eye
from consult.kernel.rules import RuleTable
from imaging.fundus.spec import FundusField, FundusSpec, FundusSpecError, parse_spec
from server.demo.case_model import ImagePlan
from server.demo.model import PatientPlan

_FIELDS: Final[Mapping[FundusField, FieldCode]] = {
    FundusField.MACULA: FieldCode.MACULA_CENTRED,
    FundusField.DISC: FieldCode.DISC_CENTRED,
}
_SHORT: Final = {Eye.RIGHT: "OD", Eye.LEFT: "OS"}
_CAPTURE_EVERY: Final = timedelta(seconds=35)


def draw_of(row: RuleTable, patient: PatientPlan, *, image_px: int) -> dict[Eye, FundusSpec]:
    """What is drawn of each eye of a case, by its table; raises MalformedRulesError."""
    specs = {}
    for eye in Eye:
        if not row.has(eye):
            continue
        params = {
            "seed": patient.seed,
            "eye": eye.laterality,
            "field": FundusField.MACULA.value,
            "size_px": image_px,
        }
        try:
            specs[eye] = parse_spec(params | dict(row.table(eye).values))
        except FundusSpecError as error:
            raise row.wrong(f"{eye}.{error.field}", "cannot be drawn") from error
    return specs


def images_of(
    row: RuleTable, drawn: Mapping[Eye, FundusSpec], captured_at: datetime
) -> Iterator[ImagePlan]:
    """Every photograph of the case, one after the other: right eye first."""
    fields = row.codes("fields", FundusField) or tuple(FundusField)
    number = 0
    for eye, spec in drawn.items():
        for fundus_field in fields:
            params = dict(row.table(eye).values) | {
                "seed": spec.seed,
                "eye": spec.eye.value,
                "field": fundus_field.value,
                "size_px": spec.size_px,
            }
            yield ImagePlan(
                file_name=f"IMG_{number + 1:04d}_{_SHORT[eye]}.JPG",
                eye=eye,
                field=_FIELDS[fundus_field],
                captured_at=captured_at + number * _CAPTURE_EVERY,
                draw_params=params,
            )
            number += 1

"""Fields of a fundus photograph and their DICOM codes (PS3.16 CID 4207, CID 4209)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """A coded concept: value, coding scheme, meaning."""

    value: str
    scheme: str
    meaning: str


RETINA: Final = Code("5665001", "SCT", "Retina")
EYE: Final = Code("81745001", "SCT", "Eye")
FUNDUS_CAMERA: Final = Code("409898007", "SCT", "Fundus Camera")
EXTERNAL_CAMERA: Final = Code("409903006", "SCT", "External Camera")

EXTERNAL: Final = "external"
MACULA_CENTRED: Final = "macula_centred"
DISC_CENTRED: Final = "disc_centred"

POSITION_OF_FIELD: Final = {
    MACULA_CENTRED: Code("111900", "DCM", "Macula centered"),
    DISC_CENTRED: Code("111901", "DCM", "Disc centered"),
    "etdrs_1_disc": Code("408734008", "SCT", "Diabetic Retinopathy Study field 1"),
    "etdrs_2_macula": Code("410434001", "SCT", "Diabetic Retinopathy Study field 2"),
    "etdrs_3_temporal_to_macula": Code("410435000", "SCT", "Diabetic Retinopathy Study field 3"),
    "etdrs_4_superior_temporal": Code("410436004", "SCT", "Diabetic Retinopathy Study field 4"),
    "etdrs_5_inferior_temporal": Code("410437008", "SCT", "Diabetic Retinopathy Study field 5"),
    "etdrs_6_superior_nasal": Code("410438003", "SCT", "Diabetic Retinopathy Study field 6"),
    "etdrs_7_inferior_nasal": Code("410439006", "SCT", "Diabetic Retinopathy Study field 7"),
}
FIELD_OF_POSITION: Final = {code.value: field for field, code in POSITION_OF_FIELD.items()}

_OUR_SCHEME: Final = "99LIANZHEN"
_LONGEST_CODE: Final = 16
# Regions outside the fundus, in SNOMED CT and in the older SNOMED RT codes.
_EXTERNAL_REGIONS: Final = frozenset(
    {"81745001", "28726007", "31636006", "29445007", "80243003", "41296002"}
    | {"T-AA000", "T-AA200", "T-AA050", "T-AA860", "T-AA810", "T-AA500"}
)


def position_code(field: str) -> Code:
    """Return the code of a field; one that CID 4207 lacks gets a code of our own scheme."""
    known = POSITION_OF_FIELD.get(field)
    return known or Code(field[:_LONGEST_CODE], _OUR_SCHEME, field.replace("_", " ")[:64])


def field_of_codes(position: str | None, region: str | None) -> str | None:
    """Return the field that the codes of position and anatomic region say, or None."""
    if position in FIELD_OF_POSITION:
        return FIELD_OF_POSITION[position]
    return EXTERNAL if region in _EXTERNAL_REGIONS else None

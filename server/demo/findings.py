"""Readings that say what was drawn: quality, grade, signs and findings of each eye."""

from collections.abc import Mapping
from types import MappingProxyType

from consult.cases.model import ServiceType
from consult.kernel.eyes import Eye
from consult.kernel.rules import RuleTable
from consult.reports.lesions import Quadrant
from consult.reports.model import Dme, Quality
from imaging.fundus.spec import FundusSpec, Neovascularisation
from server.demo.case_model import EyeReadingPlan, ReportPlan

_UNGRADABLE_HAZE, _GRADABLE_HAZE = 0.6, 0.2
_UNGRADABLE_DEFOCUS = 0.6
_UNSEEN_BY_BLOOD = 0.7
_SHOWN = 0.4
_SWOLLEN = 0.5
_SEVERE = 3
_ICD10_RETINOPATHY = "H36.0"
_ICD10_VITREOUS = "H43.1"
_ICD10_SCREENING = "Z13.5"
# The same in both languages on paper: right before left.
_EYE_WORDS: Mapping[Eye, str] = MappingProxyType({Eye.RIGHT: "右眼", Eye.LEFT: "左眼"})
# What the drawing of each grade shows beside that of the grades before it.
_OF_GRADE: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        1: ("microaneurysm",),
        2: ("haemorrhage", "blot_haemorrhage", "hard_exudate", "cotton_wool"),
        3: ("venous_beading", "irma"),
    }
)
_GRADED_SIGNS = frozenset({"nvd", "nve", "preretinal", "vitreous", "laser"})
_OF_SWELLING = ("hard_exudate", "exudate_pole", "exudate_1dd")
_ORDER_OF_SIGNS = ("nvd", "nve", "preretinal", "vitreous", "laser", "drusen", "tessellated")


def plan_report(
    demo: RuleTable,
    case: RuleTable,
    drawn: Mapping[Eye, FundusSpec],
    *,
    service: ServiceType,
) -> ReportPlan:
    """The report of a case whose table has `report`."""
    table = case.table("report")
    table.only(
        *("referral", "interval_months", "override", "advice", "answer", "impression", "icd10"),
        "ticked",
    )
    ticks = table.flag_or_false("ticked")
    eyes = tuple(read_eye(demo, eye, spec, ticks=ticks) for eye, spec in drawn.items())
    impression = table.text_or_none("impression") or _impression(demo, eyes)
    answer = table.text_or_none("answer")
    if answer is None and service is not ServiceType.SCREENING_READ:
        answer = impression
    return ReportPlan(
        eyes=eyes,
        impression=impression,
        advice=table.text("advice"),
        answer=answer,
        icd10=table.texts("icd10") or _codes(eyes),
        referral=table.text("referral"),
        interval_months=table.whole_or_none("interval_months", lowest=1),
        override=table.text_or_none("override"),
    )


def read_eye(demo: RuleTable, eye: Eye, spec: FundusSpec, *, ticks: bool = False) -> EyeReadingPlan:
    """What an expert who sees this drawing writes, and ticks where she does."""
    quality, cause = _quality(spec)
    unseen = quality is Quality.UNGRADABLE
    blood_hides = spec.vitreous_haemorrhage > _UNSEEN_BY_BLOOD
    dme = Dme.SUSPECTED if spec.dme else Dme.NONE
    return EyeReadingPlan(
        eye=eye,
        quality=quality,
        quality_cause=cause,
        icdr=None if unseen else spec.icdr,
        dme=Dme.CANNOT_TELL if unseen or blood_hides else dme,
        signs=() if unseen else signs_of(spec),
        findings=_findings(demo.table("phrases"), spec, cause),
        seen=lesions_of(spec) if ticks and not unseen else None,
    )


def lesions_of(spec: FundusSpec) -> Mapping[str, tuple[Quadrant, ...]]:
    """Codes of the lesions of config/lesion_grades.toml that such a drawing shows, and where."""
    codes = [
        *(code for grade, codes in _OF_GRADE.items() if spec.icdr >= grade for code in codes),
        *(code for code in signs_of(spec) if code in _GRADED_SIGNS),
        *(_OF_SWELLING if spec.dme else ()),
    ]
    everywhere = {"haemorrhage"} if spec.icdr == _SEVERE else set()
    return {code: tuple(Quadrant) if code in everywhere else () for code in codes}


def signs_of(spec: FundusSpec) -> tuple[str, ...]:
    """Codes of the signs beside the grade, in the order of the report."""
    grown = spec.new_vessels()
    both = Neovascularisation.BOTH
    present = {
        "nvd": grown in {Neovascularisation.DISC, both},
        "nve": grown in {Neovascularisation.ELSEWHERE, both},
        "preretinal": spec.preretinal_haemorrhage,
        "vitreous": spec.vitreous_haemorrhage > 0,
        "laser": spec.laser_scars,
        "drusen": spec.drusen > 0,
        "tessellated": spec.tessellation > _SHOWN,
    }
    return tuple(code for code in _ORDER_OF_SIGNS if present[code])


def _quality(spec: FundusSpec) -> tuple[Quality, str | None]:
    if spec.haze >= _UNGRADABLE_HAZE:
        return Quality.UNGRADABLE, "media_opacity"
    if spec.defocus >= _UNGRADABLE_DEFOCUS:
        return Quality.UNGRADABLE, "out_of_focus"
    if spec.haze >= _GRADABLE_HAZE or spec.vitreous_haemorrhage > 0:
        return Quality.GRADABLE, "media_opacity"
    return Quality.GOOD, None


def _findings(phrases: RuleTable, spec: FundusSpec, cause: str | None) -> str:
    end = phrases.text("end")
    if _quality(spec)[0] is Quality.UNGRADABLE:
        key = "defocused" if cause == "out_of_focus" else "ungradable"
        return phrases.text(key) + end
    parts = [
        _disc(phrases, spec),
        phrases.text("vessels_beaded" if spec.icdr >= _SEVERE else "vessels"),
        phrases.text(f"icdr_{spec.icdr}"),
        *(phrases.text(code) for code in signs_of(spec)),
    ]
    if spec.dme:
        parts.append(phrases.text("dme"))
    elif spec.icdr == 0 and not spec.drusen:
        parts.append(phrases.text("macula"))
    return phrases.text("separator").join(parts) + end


def _disc(phrases: RuleTable, spec: FundusSpec) -> str:
    if spec.disc_swelling > _SWOLLEN:
        return phrases.text("disc_swollen")
    if spec.vitreous_haemorrhage > _SHOWN:
        return phrases.text("disc_unseen")
    return phrases.text("disc").replace("{cup}", f"{spec.cup_disc_ratio:.1f}")


def _impression(demo: RuleTable, eyes: tuple[EyeReadingPlan, ...]) -> str:
    phrases = demo.table("phrases")
    grades = phrases.table("impression")
    said = []
    for reading in eyes:
        if reading.icdr is None:
            words = phrases.text("ungradable")
        else:
            words = grades.text(str(reading.icdr))
        if reading.dme is Dme.SUSPECTED:
            words += phrases.text("dme_suspected")
        said.append(_EYE_WORDS[reading.eye] + words)
    return phrases.text("separator").join(said) + phrases.text("end")


def _codes(eyes: tuple[EyeReadingPlan, ...]) -> tuple[str, ...]:
    found = []
    if any(reading.icdr for reading in eyes):
        found.append(_ICD10_RETINOPATHY)
    if any("vitreous" in reading.signs for reading in eyes):
        found.append(_ICD10_VITREOUS)
    return tuple(found) or (_ICD10_SCREENING,)

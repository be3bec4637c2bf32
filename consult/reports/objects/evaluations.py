"""What a report says beside its marks: grades and lesions of each eye, diagnoses, conclusions."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from consult.kernel.eyes import Eye
from consult.kernel.words import Words
from consult.reports.graded import Basis
from consult.reports.objects.words import Say, both, own_code
from imaging.fundus.fields import Code
from imaging.report_objects.model import Evaluation, Remark

IMPRESSION: Final = Code("121073", "DCM", "Impression")
RECOMMENDATION: Final = Code("121075", "DCM", "Recommendation")
FINDING: Final = Code("121071", "DCM", "Finding")
DIAGNOSIS: Final = Code("439401001", "SCT", "Diagnosis")
ICD_10: Final = "I10"


def evaluations_of(content: Mapping[str, Any], say: Say) -> tuple[Evaluation, ...]:
    """Everything coded or written in a signed content; nothing of a retraction."""
    body = content.get("body")
    if not isinstance(body, dict):
        return ()
    return (
        *(each for eye in Eye for each in _of_eye(content, eye, say)),
        *_of_patient(content, say),
        *_of_sections(content),
    )


def _of_eye(content: Mapping[str, Any], eye: Eye, say: Say) -> Iterator[Evaluation]:
    reading = content["body"].get(eye.value) or {}
    side = eye.laterality
    if reading.get("quality"):
        yield _coded("quality", reading["quality"], say, side)
    yield from _grades(content, eye, say)
    for code, lesion in (reading.get("lesions") or {}).items():
        quadrants = "、".join(both(say("quadrant", each)) for each in lesion.get("quadrants") or ())
        remarks = (_remark("quadrants", say, quadrants),) if quadrants else ()
        value = own_code("lesion_said", lesion["said"], say("lesion_said", lesion["said"]))
        name = own_code("lesion", code, say("lesion", code))
        yield Evaluation(name, value, "", side, remarks)
    if reading.get("findings"):
        yield Evaluation(FINDING, None, reading["findings"], side)


def _grades(content: Mapping[str, Any], eye: Eye, say: Say) -> Iterator[Evaluation]:
    """Each scale once: as it was given, with where it comes from and why it was changed."""
    reading = content["body"].get(eye.value) or {}
    stated = {scale: reading.get(scale) for scale in ("icdr", "dme", "nhs_r", "nhs_m")}
    given = {scale: (str(value), "") for scale, value in stated.items() if value is not None}
    for grade in (content.get("grades") or {}).get(eye.value, ()):
        if grade["given"] is not None:
            given[grade["scale"]] = str(grade["given"]), grade["basis"]
    for scale, (value, basis) in given.items():
        remarks = []
        if basis:
            remarks.append(_remark("grade_basis", say, both(say("grade_basis", basis))))
        if basis == Basis.OVERRIDE and reading.get("grade_reason"):
            remarks.append(_remark("reason", say, reading["grade_reason"]))
        yield _coded(scale, value, say, eye.laterality, *remarks)


def _of_patient(content: Mapping[str, Any], say: Say) -> Iterator[Evaluation]:
    body, outcome = content["body"], content.get("outcome")
    for diagnosis in content.get("diagnoses", ()):
        words = both(Words(diagnosis["zh"], diagnosis["en"]))
        yield Evaluation(DIAGNOSIS, Code(diagnosis["code"], ICD_10, words), "", None)
    if outcome:
        yield _coded("outcome_rank", outcome["rank"], say, None)
    for key in ("referral_need", "referral_urgency"):
        if body.get(key):
            is_changed = key == "referral_need" and body.get("override_reason")
            remarks = [_remark("reason", say, body["override_reason"])] if is_changed else []
            yield _coded(key, body[key], say, None, *remarks)
    for name, key in ((IMPRESSION, "impression"), (RECOMMENDATION, "advice")):
        if body.get(key):
            yield Evaluation(name, None, body[key], None)


def _of_sections(content: Mapping[str, Any]) -> Iterator[Evaluation]:
    """The sections of a form without eyes: their coded answers and their text, under their name."""
    for section in content.get("sections", ()):
        name = own_code("section", section["code"], Words(section["zh"], section["en"]))
        for code in section["codes"]:
            words = Words(code["zh"], code["en"])
            yield Evaluation(name, own_code(section["code"], code["code"], words), "", None)
        if section["text"]:
            yield Evaluation(name, None, section["text"], None)


def _coded(
    scale: str, value: str, say: Say, laterality: str | None, *remarks: Remark
) -> Evaluation:
    name = own_code("scale", scale, say("report_scale", scale))
    return Evaluation(name, own_code(scale, value, say(scale, value)), "", laterality, remarks)


def _remark(code: str, say: Say, text: str) -> Remark:
    return Remark(own_code("remark", code, say("report_remark", code)), text)

"""The findings of both eyes as lines of a table; what is not normal carries its mark."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from server.i18n import N_
from server.views.report_grades import (
    basis_text,
    nhs_text,
    oedema_text,
    others_text,
    seen_text,
    unsaid_text,
)
from server.views.report_summary import quality_text
from server.views.report_words import Speech

Reading = Mapping[str, Any]
Say = Callable[[Speech, Reading], str]


@dataclass(frozen=True, slots=True)
class EyeRow:
    """One line of the table of findings; an abnormal cell carries its mark."""

    label: str
    right: str
    left: str
    right_odd: bool = False
    left_odd: bool = False


def rows_of(speech: Speech, content: Mapping[str, Any]) -> list[EyeRow]:
    """Quality and grade of each eye, and what was written of it; none of a report without eyes."""
    right, left = content["body"]["right"], content["body"]["left"]
    if right["eye_status"] is None and left["eye_status"] is None:
        return []
    rows = []
    if any(reading["eye_status"] != "present" for reading in (right, left)):
        rows.append(_row(speech, "eye_status", _term("eye_status"), right, left))
    rows.append(_row(speech, "quality", quality_text, right, left))
    if any(reading["icdr"] is not None for reading in (right, left)):
        rows.append(_row(speech, "icdr", _term("icdr"), right, left))
    if any(reading["dme"] is not None for reading in (right, left)):
        rows.append(_row(speech, "dme", _term("dme"), right, left))
    rows += [
        EyeRow(label, right_text or "—", left_text or "—")
        for label, right_text, left_text in _lesion_rows(speech, content)
        if right_text or left_text
    ]
    rows += [
        EyeRow(said, right.get(key) or "—", left.get(key) or "—")
        for key, said in (
            ("grade_reason", speech.label("grade_reason")),
            ("findings", speech.say(N_("Description"))),
            ("waiver", speech.label("waiver")),
        )
        if right.get(key) or left.get(key)
    ]
    return rows


def _lesion_rows(speech: Speech, content: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What was ticked, and the grades that stand on it."""
    said = (
        (N_("NHS grade"), nhs_text),
        (N_("Oedema by distance from the centre"), oedema_text),
        (N_("Lesions seen"), lambda speech, content, eye: seen_text(speech, content["body"][eye])),
        (N_("Lesions not seen"), others_text),
        (N_("Lesions not said"), unsaid_text),
        (N_("Basis of the grades"), basis_text),
    )
    return [
        (speech.say(label), say(speech, content, "right"), say(speech, content, "left"))
        for label, say in said
    ]


_CLEAN: Mapping[str, frozenset[object]] = {
    "eye_status": frozenset({"present"}),
    "quality": frozenset({"good", "gradable", None}),
    "icdr": frozenset({0, None}),
    "dme": frozenset({"none", None}),
}


def _row(speech: Speech, key: str, say: Say, right: Reading, left: Reading) -> EyeRow:
    return EyeRow(
        label=speech.label(key),
        right=say(speech, right),
        left=say(speech, left),
        right_odd=right[key] not in _CLEAN[key],
        left_odd=left[key] not in _CLEAN[key],
    )


def _term(group: str) -> Say:
    def say(speech: Speech, reading: Reading) -> str:
        code = reading[group]
        return "—" if code is None else speech.term(group, code)

    return say

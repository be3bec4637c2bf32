"""A report's content from and to plain JSON; a draft may be incomplete, never malformed."""

import enum
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Final, TypeVar

from consult.kernel.errors import Fact, FieldProblem, FormRefusedError
from consult.kernel.eyes import EyeStatus
from consult.reports.model import (
    Dme,
    EyeReading,
    Quality,
    QualityCause,
    ReferralNeed,
    ReferralUrgency,
    ReportBody,
)

LONGEST_TEXT: Final = 4000
MOST_DIAGNOSES: Final = 20
MOST_MONTHS: Final = 60
HIGHEST_ICDR: Final = 4
_LONGEST_CODE: Final = 16
_LONGEST_KEY: Final = 64

_Code = TypeVar("_Code", bound=enum.StrEnum)


def parse_body(content: Mapping[str, object]) -> ReportBody:
    """The content of a draft; raises FormRefusedError with every malformed field.

    Absent, null and blank all mean that nobody has said it yet.
    """
    reader = _Reader(content, "", [])
    body = ReportBody(
        right=_parse_reading(reader.below("right")),
        left=_parse_reading(reader.below("left")),
        diagnoses=reader.texts("diagnoses", most=MOST_DIAGNOSES, longest=_LONGEST_CODE),
        impression=reader.text("impression"),
        answer=reader.text("answer"),
        advice=reader.text("advice"),
        referral_need=reader.code("referral_need", ReferralNeed),
        referral_urgency=reader.code("referral_urgency", ReferralUrgency),
        interval_months=reader.whole("interval_months", low=1, high=MOST_MONTHS),
        override_reason=reader.text("override_reason"),
        limits=reader.text("limits"),
        amendment_reason=reader.text("amendment_reason"),
    )
    reader.only({item.name for item in fields(ReportBody)})
    if reader.problems:
        raise FormRefusedError(reader.problems)
    return body


def body_as_json(body: ReportBody) -> dict[str, object]:
    """The content as plain JSON values, every field said, ready to be made canonical."""
    return {
        "right": _reading_as_json(body.right),
        "left": _reading_as_json(body.left),
        "diagnoses": list(body.diagnoses),
        "impression": body.impression,
        "answer": body.answer,
        "advice": body.advice,
        "referral_need": _plain(body.referral_need),
        "referral_urgency": _plain(body.referral_urgency),
        "interval_months": body.interval_months,
        "override_reason": body.override_reason,
        "limits": body.limits,
        "amendment_reason": body.amendment_reason,
    }


def _parse_reading(reader: "_Reader") -> EyeReading:
    reading = EyeReading(
        eye_status=reader.code("eye_status", EyeStatus),
        quality=reader.code("quality", Quality),
        causes=reader.codes("causes", QualityCause),
        icdr=reader.whole("icdr", low=0, high=HIGHEST_ICDR),
        dme=reader.code("dme", Dme),
        findings=reader.text("findings"),
        waiver=reader.text("waiver"),
    )
    reader.only({item.name for item in fields(EyeReading)})
    return reading


def _reading_as_json(reading: EyeReading) -> dict[str, object]:
    return {
        "eye_status": _plain(reading.eye_status),
        "quality": _plain(reading.quality),
        "causes": [cause.value for cause in reading.causes],
        "icdr": reading.icdr,
        "dme": _plain(reading.dme),
        "findings": reading.findings,
        "waiver": reading.waiver,
    }


def _plain(code: enum.StrEnum | None) -> str | None:
    return None if code is None else str(code.value)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads values out of a mapping and notes what is wrong instead of stopping."""

    values: Mapping[str, object]
    place: str
    problems: list[FieldProblem] = field(default_factory=list)

    def below(self, key: str) -> "_Reader":
        value = self.values.get(key)
        if value is None:
            value = {}
        if not isinstance(value, Mapping):
            self.note(key, "field-malformed")
            value = {}
        return _Reader(value, f"{self.place}{key}.", self.problems)

    def only(self, known: set[str]) -> None:
        for key in self.values:
            if key not in known:
                self.note(str(key)[:_LONGEST_KEY], "field-unknown")

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if value is None:
            return ""
        if not isinstance(value, str) or any(_is_unprintable(letter) for letter in value):
            self.note(
                key, "text-forbidden-character" if isinstance(value, str) else "field-malformed"
            )
            return ""
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if len(text) > LONGEST_TEXT:
            self.note(key, "field-too-long", limit=LONGEST_TEXT)
        return text

    def texts(self, key: str, *, most: int, longest: int) -> tuple[str, ...]:
        values = self._list(key)
        if len(values) > most:
            self.note(key, "too-many", most=most)
            return ()
        if not all(isinstance(value, str) and 0 < len(value) <= longest for value in values):
            self.note(key, "field-malformed")
            return ()
        return tuple(dict.fromkeys(str(value) for value in values))

    def whole(self, key: str, *, low: int, high: int) -> int | None:
        value = self.values.get(key)
        if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
            value = int(value) if len(value.strip()) <= len(str(high)) else high + 1
        if value is None or value == "":
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self.note(key, "field-malformed")
        elif not low <= value <= high:
            self.note(key, "out-of-range", low=low, high=high)
        else:
            return value
        return None

    def code(self, key: str, kind: type[_Code]) -> _Code | None:
        value = self.values.get(key)
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self.note(key, "field-malformed")
            return None
        found = {code.value: code for code in kind}.get(value)
        if found is None:
            self.note(key, "field-not-a-choice")
        return found

    def codes(self, key: str, kind: type[_Code]) -> tuple[_Code, ...]:
        known = {code.value: code for code in kind}
        values = [str(value) for value in self._list(key)]
        if not all(value in known for value in values):
            self.note(key, "field-not-a-choice")
        return tuple(code for code in kind if code.value in values)

    def note(self, key: str, code: str, **facts: Fact) -> None:
        self.problems.append(FieldProblem(f"{self.place}{key}", code, facts))

    def _list(self, key: str) -> list[object]:
        value = self.values.get(key)
        if value is None or value == "":
            return []
        if isinstance(value, str):
            return [value]
        if not isinstance(value, list | tuple):
            self.note(key, "field-malformed")
            return []
        return list(value)


def _is_unprintable(letter: str) -> bool:
    return unicodedata.category(letter) in {"Cc", "Cs"} and letter not in "\n\t"

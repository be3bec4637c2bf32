"""What an amended report says otherwise, in words: each field before and after."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from consult.reports.changes import Change
from server.i18n import N_
from server.views.report_grades import seen_text, unseen_text
from server.views.report_summary import image_text
from server.views.report_words import Speech

_EYES = ("right", "left")
_TERMS = frozenset(
    {
        *("eye_status", "quality", "icdr", "dme", "nhs_r", "nhs_m"),
        *("referral_need", "referral_urgency", "sex"),
    }
)
_PATIENT: Mapping[str, str] = MappingProxyType(
    {
        "name": N_("Name"),
        "sex": N_("Sex"),
        "birth_on": N_("Date of birth"),
        "tail": N_("ID ending"),
    }
)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field in words."""

    label: str
    before: str
    after: str


def change_lines(speech: Speech, changes: Sequence[Change]) -> list[ChangeLine]:
    """Every change in the reader's language."""
    return [
        ChangeLine(
            label_of(speech, each.field),
            _said(speech, each.field, each.before),
            _said(speech, each.field, each.after),
        )
        for each in changes
    ]


def label_of(speech: Speech, field: str) -> str:
    """What a field is called."""
    group, _, part = field.partition(".")
    if group == "patient":
        return speech.say(_PATIENT[part])
    return speech.label(field)


def _said(speech: Speech, field: str, value: Any) -> str:
    name = field.rpartition(".")[2]
    if value is None or value in ("", [], {}):
        return "—"
    if name in _TERMS:
        return speech.term(name, value)
    return _SAYERS.get(name, _plain)(speech, value)


def _plain(_speech: Speech, value: Any) -> str:
    return ", ".join(str(each) for each in value) if isinstance(value, list) else str(value)


def _causes(speech: Speech, value: Any) -> str:
    return speech.join([speech.term("quality_cause", each) for each in value])


def _months(speech: Speech, value: Any) -> str:
    return speech.say(N_("in {n} month(s)")).format(n=value)


def _pictures(speech: Speech, value: Any) -> str:
    """Eye and field, with the end of the number of each picture: two may look alike."""
    return speech.join(
        [f"{image_text(speech, each)} …{each['sop_instance_uid'][-6:]}".strip() for each in value]
    )


def _lesions(speech: Speech, value: Any) -> str:
    return speech.join([seen_text(speech, {"lesions": value}), _unseen(speech, value)])


def _unseen(speech: Speech, value: Any) -> str:
    text = unseen_text(speech, {"lesions": value})
    return f"{speech.say(N_('Lesions not seen'))} {text}" if text else ""


def _sections(_speech: Speech, value: Any) -> str:
    """The words of the changed parts; what was ticked stands in the version itself."""
    said = [[*each["codes"], each["text"]] for each in value.values()]
    return " · ".join(" ".join(part for part in parts if part) for parts in said)


def _marks(_speech: Speech, value: Any) -> str:
    """How many, with the beginning of the sheet's hash: as many may stand elsewhere."""
    return f"{value['count']} #{value['sha256'][:6]}"


def _key_images(speech: Speech, value: Any) -> str:
    return speech.join([f"…{uid[-6:]}" for uid in value])


_SAYERS: Mapping[str, Callable[[Speech, Any], str]] = MappingProxyType(
    {
        "causes": _causes,
        "interval_months": _months,
        "lesions": _lesions,
        "materials": _pictures,
        "marks": _marks,
        "key_images": _key_images,
        "sections": _sections,
    }
)

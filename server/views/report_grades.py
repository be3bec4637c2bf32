"""Lesions and the grades that follow from them, in words: while they are ticked, and as signed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from pydantic import BaseModel

from consult.reports.graded import Basis, Grade
from consult.reports.lesions import Said
from consult.reports.service_check import Graded
from server.i18n import ENGLISH, N_
from server.views.report_words import Speech

Content = Mapping[str, Any]
_NHS: Final = ("nhs_r", "nhs_m", "nhs_p")
_OEDEMA: Final = "dme_class"
_MOST_NAMED: Final = 5


class GradedAnswer(BaseModel):
    """What the rule makes of one eye's lesions.

    `grades` has the words of every scale that is settled, `text` all of them in one line, `spans`
    what a scale that is not settled still leaves open, `unsaid` what nobody has said yet.
    """

    grades: dict[str, str]
    spans: dict[str, str]
    text: str
    unsaid: str
    is_overridden: bool


def graded_as_json(speech: Speech, graded: Graded) -> GradedAnswer:
    """The grades of one eye in the writer's words."""
    settled = [grade for grade in graded.grades if grade.span.is_settled]
    open_ones = [grade for grade in graded.grades if not grade.span.is_settled]
    told = [_settled(speech, grade) for grade in settled if _is_told(grade)]
    return GradedAnswer(
        grades={grade.scale: speech.term(grade.scale, grade.span.low) for grade in settled},
        spans={grade.scale: _span(speech, grade) for grade in open_ones},
        text=speech.join(told),
        unsaid=_unsaid(speech, graded.unsaid),
        is_overridden=any(grade.basis is Basis.OVERRIDE for grade in graded.grades),
    )


def _settled(speech: Speech, grade: Grade) -> str:
    """A computed grade; an oedema that is not seen needs its name."""
    words = speech.term(grade.scale, grade.span.low)
    return f"{speech.label('dme')} {words}" if grade.scale == "dme" else words


def _unsaid(speech: Speech, codes: Sequence[str]) -> str:
    """Which lesions are still to be told; only how many where they are many."""
    if len(codes) > _MOST_NAMED:
        return speech.say(N_("{n} lesions")).format(n=len(codes))
    return _listed(speech, (speech.term("lesion", code) for code in codes))


def seen_text(speech: Speech, reading: Content) -> str:
    """What was seen, with its quadrants."""
    return _listed(
        speech,
        (
            _lesion(speech, code, said["quadrants"])
            for code, said in _in_order(speech, reading.get("lesions", {}))
            if said["said"] == Said.PRESENT
        ),
    )


def unseen_text(speech: Speech, reading: Content) -> str:
    """What was looked for and not seen."""
    return _listed(
        speech,
        (
            speech.term("lesion", code)
            for code, said in _in_order(speech, reading.get("lesions", {}))
            if said["said"] == Said.ABSENT
        ),
    )


def others_text(speech: Speech, content: Content, eye: str) -> str:
    """The same on paper: in one word where nothing was left unsaid."""
    reading = content["body"][eye]
    absent = [each for each in reading.get("lesions", {}).values() if each["said"] == Said.ABSENT]
    if len(absent) <= _MOST_NAMED or content.get("unsaid", {}).get(eye):
        return unseen_text(speech, reading)
    is_some = len(absent) < len(reading["lesions"])
    all_others = N_("None of the other {n} that are asked for")
    none_at_all = N_("None of the {n} that are asked for")
    return speech.say(all_others if is_some else none_at_all).format(n=len(absent))


def unsaid_text(speech: Speech, content: Content, eye: str) -> str:
    """What nobody has said anything about, which is not the same as not seen."""
    return _unsaid(speech, content.get("unsaid", {}).get(eye, ()))


def _in_order(speech: Speech, lesions: Content) -> list[tuple[str, Any]]:
    """As the form asks for them."""
    places = list(speech.codes("lesion"))
    return sorted(lesions.items(), key=lambda each: places.index(each[0]))


def nhs_text(speech: Speech, content: Content, eye: str) -> str:
    """The grades of the NHS programme, as far as they are given; U is an eye that cannot be."""
    reading, given = content["body"][eye], _given(content, eye)
    if reading.get("lesions") and reading["quality"] == "ungradable":
        return f"U {speech.term('quality', 'ungradable')}"
    stated = {scale: given.get(scale) or reading.get(scale) for scale in _NHS}
    return speech.join([speech.term(scale, code) for scale, code in stated.items() if code])


def oedema_text(speech: Speech, content: Content, eye: str) -> str:
    """How near an oedema comes to the centre, where the lesions tell."""
    code = _given(content, eye).get(_OEDEMA)
    return speech.term(_OEDEMA, code) if code and code != "absent" else ""


def basis_text(speech: Speech, content: Content, eye: str) -> str:
    """Which grades were computed, given or changed by the reader, and what the rule said."""
    grades = [each for each in content.get("grades", {}).get(eye, ()) if _is_stated(speech, each)]
    colon = ": " if speech.tongue == ENGLISH else "："
    return speech.join(
        [
            speech.term("grade_basis", basis)
            + colon
            + _listed(speech, (_named(speech, each) for each in grades if each["basis"] == basis))
            for basis in dict.fromkeys(each["basis"] for each in grades)
        ]
    )


def _named(speech: Speech, grade: Content) -> str:
    """The scale, and of a changed grade what the rule says."""
    if grade["basis"] != Basis.OVERRIDE:
        return speech.label(grade["scale"])
    ends = dict.fromkeys((grade["low"], grade["high"]))
    rule = " – ".join(speech.term(grade["scale"], end) for end in ends)
    by_rule = speech.say(N_(" (by the rule: {grade})")).format(grade=rule)
    return speech.label(grade["scale"]) + by_rule


def _is_stated(speech: Speech, grade: Content) -> bool:
    return grade["given"] is not None and speech.has_label(grade["scale"])


def _is_told(grade: Grade) -> bool:
    return grade.scale != _OEDEMA or grade.span.low != "absent"


def _given(content: Content, eye: str) -> dict[str, str]:
    grades = content.get("grades", {}).get(eye, ())
    return {each["scale"]: each["given"] for each in grades if each["given"] is not None}


def _span(speech: Speech, grade: Grade) -> str:
    low, high = (speech.term(grade.scale, end) for end in (grade.span.low, grade.span.high))
    return speech.say(N_("{low} to {high}")).format(low=low, high=high)


def _lesion(speech: Speech, code: str, quadrants: list[str]) -> str:
    words = speech.term("lesion", code)
    if not quadrants:
        return words
    named = _listed(speech, (speech.term("quadrant", each) for each in quadrants))
    return f"{words} ({named})" if speech.tongue == ENGLISH else f"{words}（{named}）"


def _listed(speech: Speech, words: Iterable[str]) -> str:
    return (", " if speech.tongue == ENGLISH else "、").join(words)

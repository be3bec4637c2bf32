"""How a doctor's own readings agree with the experts', month by month, in words and as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from consult.access.model import Action, ObjectType
from consult.kernel.work import Entry, Work
from consult.reports.own.concordance import Curve, Tally, count_curves
from server.i18n import ENGLISH, N_
from server.requests import Audience
from server.rules.rulebook import Rulebook
from server.views.report_words import Speech


@dataclass(frozen=True, slots=True)
class Page:
    """The curves, the actor's own or everybody's at her institution."""

    curves: Sequence[Curve]
    everybody: bool


class TallyAnswer(BaseModel):
    """The numbers of a month; percentages are null where nothing could be counted."""

    month: str
    eyes: int
    same: int
    referable: int
    found: int
    others: int
    left_alone: int
    skipped: int
    agreement: float | None
    sensitivity: float | None
    specificity: float | None


class CurveAnswer(BaseModel):
    """One doctor's months; the total has no month."""

    doctor_id: str
    months: list[TallyAnswer]
    total: TallyAnswer


class TrainingAnswer(BaseModel):
    """The curves that the asker may see."""

    curves: list[CurveAnswer]


def make_page(work: Work, *, rules: Rulebook, zone: str) -> Page:
    """Count what the actor may see: her own, or as a manager everybody's of her institution."""
    everybody = rules.roles.permits(work.actor, Action.SEE_JOURNAL)
    return Page(count_curves(work, everybody=everybody, rules=rules.own, zone=zone), everybody)


def note_opened(work: Work, *, everybody: bool) -> None:
    """Write down whose readings were looked at."""
    codes = {"whose": "everybody" if everybody else "own"}
    at = work.actor.institution
    work.journal(Entry("training.opened", ObjectType.INSTITUTION, at, codes=codes))


def as_json(page: Page) -> Mapping[str, object]:
    """The numbers for a machine."""
    return TrainingAnswer(
        curves=[
            CurveAnswer(
                doctor_id=curve.doctor_id,
                months=[_answer(month, counted) for month, counted in curve.months],
                total=_answer("", curve.total),
            )
            for curve in page.curves
        ]
    ).model_dump()


def heads(reader: Audience) -> list[tuple[str, str]]:
    """The heads of the table: numbers stand to the right."""
    numbers = (
        *(N_("Eyes read by both"), N_("Same finding (%)"), N_("Referable by the expert")),
        *(N_("Referable found (%)"), N_("Others left alone (%)"), N_("Seen without own reading")),
    )
    speech = Speech(reader)
    return [(speech.say(N_("Month")), ""), *((speech.say(each), "num") for each in numbers)]


def tables(reader: Audience, page: Page) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    """Each doctor with her months and, last, all of them together."""
    speech = Speech(reader)
    return [
        (
            _name(speech, curve),
            [
                *((month, _numbers(counted)) for month, counted in curve.months),
                (speech.say(N_("Total")), _numbers(curve.total)),
            ],
        )
        for curve in page.curves
    ]


def _numbers(counted: Tally) -> list[str]:
    return [
        str(counted.eyes),
        _percent(counted.agreement),
        str(counted.referable),
        _percent(counted.sensitivity),
        _percent(counted.specificity),
        str(counted.skipped),
    ]


def _answer(month: str, counted: Tally) -> TallyAnswer:
    return TallyAnswer(
        month=month,
        eyes=counted.eyes,
        same=counted.same,
        referable=counted.referable,
        found=counted.found,
        others=counted.others,
        left_alone=counted.left_alone,
        skipped=counted.skipped,
        agreement=counted.agreement,
        sensitivity=counted.sensitivity,
        specificity=counted.specificity,
    )


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.1f}"


def _name(speech: Speech, curve: Curve) -> str:
    if curve.name is None:
        return "—"
    is_english = speech.tongue == ENGLISH and curve.name.name_en
    return curve.name.name_en if is_english else curve.name.name

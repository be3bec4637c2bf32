"""How far pairs of readers agree, as supervision is shown it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from consult.cases import service_oversight
from consult.dossiers.agreement import Agreement, Pair, count_agreement
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports.second.kappa import Kappa
from server.i18n import ENGLISH, N_
from server.requests import Audience
from server.statistics_forms import Asked
from server.views.report_words import Speech


@dataclass(frozen=True, slots=True)
class Page:
    """The pairs with the readers' names."""

    asked: Asked
    counted: Agreement
    names: Mapping[str, PersonName]
    institutions: Sequence[Institution]


class KappaAnswer(BaseModel):
    """One kappa with its 95 % interval; without a value where chance explains all."""

    eyes: int
    observed: float
    value: float | None
    low: float | None
    high: float | None


class PairAnswer(BaseModel):
    """Two readers of the same cases."""

    reader_ids: list[str]
    cases: int
    one_ungradable: int
    kappa: KappaAnswer | None
    weighted_kappa: KappaAnswer | None


class AgreementAnswer(BaseModel):
    """The agreement of every pair of readers in a period."""

    first: str
    last: str
    pairs: list[PairAnswer]
    counted_at: str


def make_page(work: Work, asked: Asked) -> Page:
    """Count, and find out what the readers are called; names of staff are no secret."""
    counted = count_agreement(work, asked.wanted)
    people = {reader for pair in counted.pairs for reader in pair.readers}
    names = practitioners.names_of(replace(work, actor=SYSTEM), people)
    reach = service_oversight.institutions_in_reach(work)
    return Page(asked, counted, {str(key): name for key, name in names.items()}, reach)


def as_json(page: Page) -> Mapping[str, object]:
    """The numbers for a machine."""
    period = page.asked.period
    return AgreementAnswer(
        first=f"{period.first:%Y-%m}",
        last=f"{period.last:%Y-%m}",
        pairs=[
            PairAnswer(
                reader_ids=list(pair.readers),
                cases=pair.cases,
                one_ungradable=pair.one_ungradable,
                kappa=_kappa_as_json(pair.plain),
                weighted_kappa=_kappa_as_json(pair.weighted),
            )
            for pair in page.counted.pairs
        ],
        counted_at=page.counted.at.isoformat(),
    ).model_dump()


def heads(reader: Audience) -> list[tuple[str, str]]:
    """The heads of the table: numbers stand to the right."""
    say = Speech(reader).say
    return [
        (say(N_("Readers")), ""),
        (say(N_("Cases read twice")), "num"),
        (say(N_("Eyes graded by both")), "num"),
        (say(N_("Same grade (%)")), "num"),
        (say(N_("Kappa (95% CI)")), "num"),
        (say(N_("Quadratic weighted kappa (95% CI)")), "num"),
        (say(N_("Eyes that one could not grade")), "num"),
    ]


def lines(reader: Audience, page: Page) -> list[tuple[str, list[str]]]:
    """Names and numbers of every pair."""
    is_english = Speech(reader).tongue == ENGLISH
    return [
        (_named(page, pair, is_english=is_english), _numbers(pair)) for pair in page.counted.pairs
    ]


def _named(page: Page, pair: Pair, *, is_english: bool) -> str:
    found = [page.names[reader] for reader in pair.readers]
    told = [who.name_en if is_english and who.name_en else who.name for who in found]
    return " — ".join(told)


def _numbers(pair: Pair) -> list[str]:
    plain = pair.plain
    return [
        str(pair.cases),
        str(plain.eyes if plain else 0),
        f"{100 * plain.observed:.1f}" if plain else "—",
        _kappa_text(plain),
        _kappa_text(pair.weighted),
        str(pair.one_ungradable),
    ]


def _kappa_text(kappa: Kappa | None) -> str:
    if kappa is None or kappa.value is None:
        return "—"
    return f"{kappa.value:.2f} [{kappa.low:.2f}, {kappa.high:.2f}]"


def _kappa_as_json(kappa: Kappa | None) -> KappaAnswer | None:
    if kappa is None:
        return None
    return KappaAnswer(
        eyes=kappa.eyes,
        observed=kappa.observed,
        value=kappa.value,
        low=kappa.low,
        high=kappa.high,
    )

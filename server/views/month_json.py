"""The manager's month for a machine."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from consult.dossiers.month import Tally, services_of
from consult.dossiers.month_rules import Figure
from server.views.month import Page


class TallyAnswer(BaseModel):
    """The numbers of some cases; times are seconds, null where nothing was answered."""

    counts: dict[str, int]
    median_s: int | None
    p90_s: int | None


class ClinicAnswer(TallyAnswer):
    """The numbers of one clinic, and its cases by service."""

    institution_id: str
    services: dict[str, int]


class PhotographerAnswer(TallyAnswer):
    """The numbers of one photographer at one clinic."""

    institution_id: str
    photographer_id: str | None


class MonthAnswer(BaseModel):
    """The numbers of one month."""

    month: str
    zone: str
    total: TallyAnswer
    services: dict[str, TallyAnswer]
    clinics: list[ClinicAnswer]
    photographers: list[PhotographerAnswer]
    days: list[TallyAnswer]
    spans: list[int]
    counted_at: str


def as_json(page: Page) -> Mapping[str, object]:
    """The numbers for a machine."""
    month = page.month
    return MonthAnswer(
        month=page.asked.month,
        zone=page.asked.zone,
        total=TallyAnswer(**_told(month.total)),
        services={key: TallyAnswer(**_told(each)) for key, each in month.services.items()},
        clinics=[
            ClinicAnswer(
                institution_id=key,
                services={kind.value: n for kind, n in services_of(month, key).items()},
                **_told(each),
            )
            for key, each in month.clinics
        ],
        photographers=[
            PhotographerAnswer(institution_id=place, photographer_id=person, **_told(each))
            for (place, person), each in month.photographers
        ],
        days=[TallyAnswer(**_told(each)) for each in month.days],
        spans=list(month.spans),
        counted_at=month.at.isoformat(),
    ).model_dump()


def _told(tally: Tally) -> dict[str, Any]:
    return {
        "counts": {figure.value: tally.count(figure) for figure in Figure},
        "median_s": tally.took_at(0.5),
        "p90_s": tally.took_at(0.9),
    }

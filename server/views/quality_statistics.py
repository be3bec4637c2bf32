"""How many eyes could not be read, as supervision is shown it and takes it away."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from consult.cases import service_oversight
from consult.dossiers.image_quality import CAUSE, Key, QualityCounts, count_quality
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports.model import Quality
from server.i18n import ENGLISH, N_
from server.keys import RULES
from server.requests import Audience, language
from server.statistics_forms import Asked
from server.views.report_words import Speech
from server.workbooks import harmless


@dataclass(frozen=True, slots=True)
class Page:
    """The counts with the names of sites and photographers."""

    asked: Asked
    counts: QualityCounts
    places: Mapping[str, Institution]
    names: Mapping[str, PersonName]
    institutions: Sequence[Institution]


class QualityRow(BaseModel):
    """One month of one photographer at one site."""

    month: str
    institution_id: str
    photographer_id: str | None
    counts: dict[str, int]


class QualityAnswer(BaseModel):
    """The eyes of a period by the quality that readers gave them."""

    first: str
    last: str
    rows: list[QualityRow]
    total: dict[str, int]
    counted_at: str


def make_page(work: Work, asked: Asked, *, zone: str) -> Page:
    """Count, and find out what the rows are called; names of staff and sites are no secret."""
    counts = count_quality(work, asked.wanted, zone=zone)
    inside = replace(work, actor=SYSTEM)
    reach = service_oversight.institutions_in_reach(work)
    places = {str(each.id): each for each in reach}
    for key, _numbers in counts.rows:
        if key.institution_id not in places:
            places[key.institution_id] = organisations.get_institution(inside, key.institution_id)
    people = {key.photographer_id for key, _numbers in counts.rows if key.photographer_id}
    names = practitioners.names_of(work, people)
    return Page(asked, counts, places, {str(key): name for key, name in names.items()}, reach)


def as_json(page: Page) -> Mapping[str, object]:
    """The numbers for a machine."""
    period = page.asked.period
    return QualityAnswer(
        first=f"{period.first:%Y-%m}",
        last=f"{period.last:%Y-%m}",
        rows=[
            QualityRow(
                month=key.month,
                institution_id=key.institution_id,
                photographer_id=key.photographer_id,
                counts=dict(counts),
            )
            for key, counts in page.counts.rows
        ],
        total=dict(page.counts.total),
        counted_at=page.counts.at.isoformat(),
    ).model_dump()


def columns(reader: Audience) -> list[str]:
    """The heads of the table."""
    speech = Speech(reader)
    return [
        *(speech.say(each) for each in (N_("Month"), N_("Site"), N_("Photographer"))),
        speech.say(N_("Eyes read")),
        *(text for _code, text in _qualities(reader)),
        speech.say(N_("Ungradable (%)")),
        *(text for _code, text in _causes(reader)),
    ]


def heads(reader: Audience) -> list[tuple[str, str]]:
    """The heads of the page's table: numbers stand to the right."""
    month, site, photographer, *numbers = columns(reader)
    return [(month, ""), (site, ""), (photographer, ""), *((each, "num") for each in numbers)]


def lines(reader: Audience, page: Page) -> list[tuple[list[str], list[str]]]:
    """Names and numbers of every row and, last, of all together."""
    speech = Speech(reader)
    found = [
        (_named(speech, page, key), _numbers(reader, counts)) for key, counts in page.counts.rows
    ]
    total = [speech.say(N_("Total")), "", ""]
    return [*found, (total, _numbers(reader, page.counts.total))]


def as_csv(reader: Audience, page: Page) -> bytes:
    """A table with a mark of its encoding, without which Excel reads no Chinese (RFC 4180)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(columns(reader))
    for names, numbers in lines(reader, page):
        writer.writerow([*(harmless(name) for name in names), *numbers])
    return out.getvalue().encode("utf-8-sig")


def _numbers(reader: Audience, counts: Mapping[str, int]) -> list[str]:
    eyes, ungradable = counts.get("eyes", 0), counts.get(Quality.UNGRADABLE, 0)
    rate = f"{100 * ungradable / eyes:.1f}" if eyes else "—"
    qualities = [counts.get(code, 0) for code, _text in _qualities(reader)]
    causes = [counts.get(CAUSE + code, 0) for code, _text in _causes(reader)]
    return [str(eyes), *map(str, qualities), rate, *map(str, causes)]


def _named(speech: Speech, page: Page, key: Key) -> list[str]:
    is_english = speech.tongue == ENGLISH
    place, who = page.places[key.institution_id], page.names.get(key.photographer_id or "")
    name = "—" if who is None else who.name_en if is_english and who.name_en else who.name
    return [key.month, place.name_en if is_english and place.name_en else place.name, name]


def _qualities(reader: Audience) -> list[tuple[str, str]]:
    return reader.app[RULES].terms.choices(language(reader), "quality")


def _causes(reader: Audience) -> list[tuple[str, str]]:
    return reader.app[RULES].terms.choices(language(reader), "quality_cause")

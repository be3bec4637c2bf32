"""The manager's month: the numbers counted, and what places and people are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from consult.cases import service_oversight
from consult.dossiers.month import Month, count_month
from consult.kernel.work import SYSTEM, Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from server.i18n import ENGLISH, N_
from server.month_forms import Asked
from server.months import midnight
from server.views.report_words import Speech


@dataclass(frozen=True, slots=True)
class Page:
    """The numbers, with the names of places and people."""

    asked: Asked
    month: Month
    places: Mapping[str, Institution]
    names: Mapping[str, PersonName]
    institutions: Sequence[Institution]


def make_page(work: Work, asked: Asked) -> Page:
    """Count, and find out what the rows are called; names of staff and sites are no secret."""
    days = [midnight(day, zone=asked.zone) for day in asked.days]
    month = count_month(work, asked.where, days=days)
    reach = service_oversight.institutions_in_reach(work)
    ids = {key for key, _tally in month.clinics}
    people = {person for (_place, person), _tally in month.photographers if person}
    people |= {reader for reader, _tally in month.readers if reader}
    return Page(asked, month, places_of(work, ids, reach), names_of(work, people), reach)


def places_of(work: Work, ids: set[str], reach: Sequence[Institution]) -> Mapping[str, Institution]:
    """What these institutions are called, also those beyond the actor's reach."""
    inside = replace(work, actor=SYSTEM)
    known = {str(each.id): each for each in reach}
    return {key: known.get(key) or organisations.get_institution(inside, key) for key in ids}


def names_of(work: Work, ids: set[str]) -> Mapping[str, PersonName]:
    """What these people are called."""
    found = practitioners.names_of(replace(work, actor=SYSTEM), ids)
    return {str(key): name for key, name in found.items()}


def place_name(speech: Speech, place: Institution) -> str:
    """In the reader's language where it has a name there."""
    return place.name_en if speech.tongue == ENGLISH and place.name_en else place.name


def person_name(speech: Speech, names: Mapping[str, PersonName], key: str | None) -> str:
    """The same of a person; nobody is said so."""
    if key is None or key not in names:
        return speech.say(N_("nobody named"))
    name = names[key]
    return name.name_en if speech.tongue == ENGLISH and name.name_en else name.name

"""值班电话: the numbers of one institution."""

from collections.abc import Sequence
from dataclasses import dataclass

from consult.kernel.work import Work
from consult.people.duty import phones
from consult.people.duty.phone_model import DAY, DutyPhone
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution


@dataclass(frozen=True, slots=True)
class DutyPhonesPage:
    """Every number, those that are called now, and from when until when it is day."""

    institution: Institution
    found: Sequence[DutyPhone]
    now: frozenset[str]
    day: tuple[str, str]


def make_page(work: Work, *, institution_id: str | None) -> DutyPhonesPage:
    """The numbers of an institution."""
    institution = organisations.get_institution(work, institution_id or work.actor.institution)
    begins, ends = DAY
    return DutyPhonesPage(
        institution=institution,
        found=phones.list_phones(work, institution.id),
        now=frozenset(each.id for each in phones.phones_now(work, institution)),
        day=(begins.strftime("%H:%M"), ends.strftime("%H:%M")),
    )

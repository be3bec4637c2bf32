"""On the page of a case: whether its patient was told, how, and by whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from consult.access.model import Action
from consult.cases.model import Case
from consult.kernel.work import Work
from consult.people.practitioners import service as practitioners
from consult.people.practitioners.model import PersonName
from consult.reports import service as reports
from consult.reports.tellings import service as tellings
from consult.reports.tellings.model import Telling
from server.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class TellingCard:
    """The newest task, and those before it; `may_tell` is who tells the patient.

    `has_notice` says that she may print the notice, since the version was received.
    """

    telling: Telling
    earlier: Sequence[Telling]
    names: Mapping[str, PersonName]
    may_tell: bool
    has_notice: bool


def make_part(work: Work, case: Case, rules: Rulebook) -> TellingCard | None:
    """The card; None before there is anything to tell, and for whoever reads no reports."""
    if not rules.roles.permits(work.actor, Action.SEE_REPORT):
        return None
    found = tellings.list_of_case(work, case)
    if not found:
        return None
    people = {each.owner_id for each in found} | {each.ended_by_id or "" for each in found}
    is_own = work.actor.institution_id == case.institution_id
    may_tell = is_own and rules.roles.permits(work.actor, Action.TELL_PATIENT)
    return TellingCard(
        telling=found[0],
        earlier=found[1:],
        names=practitioners.names_of(work, people),
        may_tell=may_tell,
        has_notice=may_tell and _is_received(work, found[0]),
    )


def _is_received(work: Work, telling: Telling) -> bool:
    report = reports.get_report(work, telling.report_id)
    return reports.find_receipt(work, report) is not None

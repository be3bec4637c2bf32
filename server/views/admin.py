"""The administrator's overview, and what all her pages share."""

from collections.abc import Iterable
from dataclasses import dataclass

from consult.cases import answering
from consult.kernel.work import Work
from consult.people.organisations import agreements, consortia, panels, scope
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Consortium, Institution
from consult.people.practitioners import service as practitioners
from consult.reports.dispatches import service as dispatches
from consult.storage import service as storage
from consult.storage.model import StorageRules
from consult.studies.quotas import service as quotas
from server.views.sign_in import in_tongue

Option = tuple[str, str]


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Somebody who has gone, and is still the name on open cases."""

    practitioner_id: str
    name: str
    case_count: int


@dataclass(frozen=True, slots=True)
class Overview:
    """How many of each there are; zero is the next thing to do."""

    is_administrator: bool
    institutions: int
    consortia: int
    people: int
    panels: int
    agreements: int
    unsigned: int
    leaderless: int
    without_physician: int
    left: tuple[LeftBehind, ...]
    faults: int
    nearly_full: tuple[str, ...]
    not_arriving: tuple[str, ...]

    @property
    def next_step(self) -> str | None:
        """The first thing that is still missing, in the order of setting up."""
        counts = (
            ("institutions", self.institutions - 1),
            ("consortia", self.consortia),
            ("people", self.people - 1),
            ("panels", self.panels),
            ("agreements", self.agreements),
        )
        return next((word for word, count in counts if count <= 0), None)


def make_overview(work: Work, *, tongue: str, rules: StorageRules) -> Overview:
    """Counted from what the actor may arrange; the store is the installation's administrator's."""
    runs_it = scope.sees_all(work)
    written = agreements.list_agreements(work)
    return Overview(
        is_administrator=runs_it,
        institutions=len(organisations.list_institutions(work)),
        consortia=len(consortia.list_consortia(work)),
        people=practitioners.count_practitioners(work),
        panels=len([panel for panel in panels.list_panels(work) if panel.stopped_at is None]),
        agreements=len(written),
        unsigned=len([agreement for agreement in written if agreement.signed_on is None]),
        leaderless=len(panels.list_leaderless(work)),
        without_physician=len(answering.list_without_physician(work)),
        left=_left_behind(work, tongue),
        faults=storage.count_faults(work) if runs_it else 0,
        nearly_full=_nearly_full(work, tongue, rules) if runs_it else (),
        not_arriving=tuple(dispatches.list_troubled(work)) if runs_it else (),
    )


def _nearly_full(work: Work, tongue: str, rules: StorageRules) -> tuple[str, ...]:
    """The institutions that come close to what they may keep, by name."""
    return tuple(
        in_tongue(tongue, place.name, place.name_en)
        for place, usage in quotas.list_usage(work)
        if usage.is_near(rules.warn_percent)
    )


def _left_behind(work: Work, tongue: str) -> tuple[LeftBehind, ...]:
    found = answering.list_left(work)
    names = practitioners.names_of(work, {each.practitioner_id for each in found})
    return tuple(
        LeftBehind(
            each.practitioner_id,
            in_tongue(tongue, name.name, name.name_en),
            each.case_count,
        )
        for each in found
        if (name := names.get(each.practitioner_id)) is not None
    )


def options_of(tongue: str, found: Iterable[Institution | Consortium]) -> tuple[Option, ...]:
    """Ids and names for a picker."""
    return tuple((each.id, in_tongue(tongue, each.name, each.name_en)) for each in found)

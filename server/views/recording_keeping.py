"""Until when a recording is kept, by which rule it goes, and who holds it back, for its pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from consult.access.model import Action
from consult.cases.model import Case
from consult.dossiers.retention import Period
from consult.kernel.work import Work
from consult.people.organisations import service as organisations
from consult.people.organisations.model import Institution
from consult.rooms.recordings import deletion, holds
from consult.rooms.recordings.holds import Hold
from consult.rooms.recordings.model import Recording
from server.rules.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Keeping:
    """How long one recording is kept; `until` is None while its case goes on."""

    recording: Recording
    until: date | None
    is_deleted_then: bool


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds the recordings of a case back, the rule, and what the reader may do about it."""

    period: Period
    holds: Sequence[tuple[Hold, Institution]]
    may_hold: bool
    may_let_go: bool


def keeping_of(work: Work, case: Case, recording: Recording, rules: Rulebook) -> Keeping:
    """Of one recording."""
    rule = rules.retention.recordings
    until = deletion.kept_until(work, case, recording, rule=rule)
    return Keeping(recording, until, rule.is_deleted)


def holding_of(work: Work, case: Case, rules: Rulebook) -> Holding:
    """Of all recordings of a case."""
    found = holds.list_holds(work, case)
    own = any(each.institution_id == work.actor.institution_id for each in found)
    may = rules.roles.permits(work.actor, Action.EXPORT_DOSSIER)
    return Holding(
        period=rules.retention.of_recordings,
        holds=[(each, organisations.get_institution(work, each.institution_id)) for each in found],
        may_hold=may and not own,
        may_let_go=may and own,
    )
